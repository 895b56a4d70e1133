// One loop, compiled for AVX2 and for the baseline, chosen when called.

#include "half_units.h"

#include <string.h>

static inline __attribute__((always_inline)) void move_half_units(double *values, ptrdiff_t count, const uint64_t *signs,
                                                                  uint64_t mantissa, uint64_t smallest) {
    for (ptrdiff_t first = 0; first < count; first += 64) {
        uint64_t word = signs[first / 64];
        ptrdiff_t length = count - first < 64 ? count - first : 64;
        for (ptrdiff_t index = 0; index < length; index++) {
            int64_t bits, exponent;
            memcpy(&bits, values + first + index, sizeof bits);
            exponent = bits & 0x7FF0000000000000;
            exponent = exponent > (int64_t)smallest ? exponent : (int64_t)smallest;
            int64_t unit = exponent - (int64_t)mantissa;
            double half;
            memcpy(&half, &unit, sizeof half);
            half *= word >> index & 1 ? -0.5 : 0.5;
            values[first + index] += half;
        }
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void move_half_units_avx2(double *values, ptrdiff_t count, const uint64_t *signs,
                                                                 uint64_t mantissa, uint64_t smallest) {
    move_half_units(values, count, signs, mantissa, smallest);
}
#endif

void assay_move_half_units(double *values, ptrdiff_t count, const uint64_t *signs, uint64_t mantissa, uint64_t smallest) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return move_half_units_avx2(values, count, signs, mantissa, smallest);
#endif
    move_half_units(values, count, signs, mantissa, smallest);
}
