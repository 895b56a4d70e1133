// Sums over the elements of values: by which equal values are found, and what lies between two of them.
#ifndef ASSAY_SUMS_H
#define ASSAY_SUMS_H

#include <stddef.h>
#include <stdint.h>

/// The sums of the elements, their magnitudes, squares, third and fourth powers.
void assay_power_sums(const double *values, ptrdiff_t count, double sums[5]);

/// Three sums of the elements, each time with other signs. `words` has one word for 16 elements: the n-th of them has bits 4n,
/// 4n + 1 and 4n + 2 for its signs.
void assay_signed_sums(const double *values, ptrdiff_t count, const uint64_t *words, double sums[3]);

/// What lies between two values.
typedef struct {
    double maximum_absolute;
    /// Relative to the element of a, where that is not zero.
    double maximum_relative;
    /// The largest magnitude in a.
    double largest;
    /// The sums of (a − b)², a², b² and ab.
    double squares, own_squares, other_squares, product;
} assay_difference;

/// Adds elements of a and b, four at a time, as long as all four are finite on both sides, and gives how many it added.
ptrdiff_t assay_add_double_differences(const double *a, const double *b, ptrdiff_t count, assay_difference *sums);
/// The same for floats.
ptrdiff_t assay_add_float_differences(const float *a, const float *b, ptrdiff_t count, assay_difference *sums);

#endif
