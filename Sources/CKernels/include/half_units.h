// Numbers moved by half a unit in the last place.
#ifndef ASSAY_HALF_UNITS_H
#define ASSAY_HALF_UNITS_H

#include <stddef.h>
#include <stdint.h>

/// Adds to each of `count` doubles half of the distance to the next number of a type, or takes it away where its bit in `signs`
/// is set (one word for 64 of them). `mantissa` is the type's mantissa bits, and `smallest` the biased exponent of a double of
/// its smallest normal size, both shifted to where a double has its exponent. What is not finite stays what it is.
void assay_move_half_units(double *values, ptrdiff_t count, const uint64_t *signs, uint64_t mantissa, uint64_t smallest);

#endif
