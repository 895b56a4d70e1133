// Conversions of small floating-point formats in bulk; the small side may be unaligned. Narrowing rounds once, to
// nearest even; NaN stays NaN (quiet, with the upper bits of its payload).
#ifndef ASSAY_CONVERSIONS_H
#define ASSAY_CONVERSIONS_H

#include <stddef.h>
#include <stdint.h>

/// Widens `count` binary16 elements to floats.
void assay_half_to_float(const void *source, float *target, ptrdiff_t count);
/// Widens `count` bfloat16 elements to floats.
void assay_bfloat16_to_float(const void *source, float *target, ptrdiff_t count);

/// Narrows `count` floats to binary16.
void assay_float_to_half(const float *source, void *target, ptrdiff_t count);
/// Narrows `count` floats to bfloat16.
void assay_float_to_bfloat16(const float *source, void *target, ptrdiff_t count);
/// Narrows `count` doubles to floats by rounding to odd: where the float is not exact, its last bit is set. Rounding that
/// to nearest even in any format of at most 22 significant bits gives what the double itself would give.
void assay_double_to_odd_float(const double *source, float *target, ptrdiff_t count);

#endif
