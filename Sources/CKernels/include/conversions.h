// Conversions of small floating-point formats in bulk; sources may be unaligned.
#ifndef ASSAY_CONVERSIONS_H
#define ASSAY_CONVERSIONS_H

#include <stddef.h>
#include <stdint.h>

/// Widens `count` binary16 elements to floats.
void assay_half_to_float(const void *source, float *target, ptrdiff_t count);
/// Widens `count` bfloat16 elements to floats.
void assay_bfloat16_to_float(const void *source, float *target, ptrdiff_t count);

#endif
