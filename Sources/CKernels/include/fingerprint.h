// Sums over the elements of a value, by which equal values are found.
#ifndef ASSAY_FINGERPRINT_H
#define ASSAY_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/// The sums of the elements, their magnitudes, squares, third and fourth powers.
void assay_power_sums(const double *values, ptrdiff_t count, double sums[5]);

/// Three sums of the elements, each time with other signs. `words` has one word for 16 elements: the n-th of them has bits 4n,
/// 4n + 1 and 4n + 2 for its signs.
void assay_signed_sums(const double *values, ptrdiff_t count, const uint64_t *words, double sums[3]);

#endif
