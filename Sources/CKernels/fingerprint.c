// Loops over four lanes, compiled for AVX2 and for the baseline, chosen when called. The order of the sums is the same in both.

#include "fingerprint.h"

#include <math.h>
#include <string.h>

enum { lanes = 4 };

static inline __attribute__((always_inline)) double total(const double *lane) {
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static inline __attribute__((always_inline)) void power_sums(const double *values, ptrdiff_t count, double sums[5]) {
    double sum[5][lanes] = {{0}};
    ptrdiff_t whole = count / lanes * lanes;
    for (ptrdiff_t first = 0; first < whole; first += lanes)
        for (int lane = 0; lane < lanes; lane++) {
            double value = values[first + lane], square = value * value;
            sum[0][lane] += value;
            sum[1][lane] += fabs(value);
            sum[2][lane] += square;
            sum[3][lane] += square * value;
            sum[4][lane] += square * square;
        }
    for (ptrdiff_t index = whole; index < count; index++) {
        double value = values[index], square = value * value;
        sum[0][0] += value;
        sum[1][0] += fabs(value);
        sum[2][0] += square;
        sum[3][0] += square * value;
        sum[4][0] += square * square;
    }
    for (int power = 0; power < 5; power++) sums[power] = total(sum[power]);
}

// The value, negated where the last bit is set.
static inline __attribute__((always_inline)) double with_sign(double value, uint64_t bit) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits ^= bit << 63;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

static inline __attribute__((always_inline)) void signed_sums(
    const double *values, ptrdiff_t count, const uint64_t *words, double sums[3]) {
    double sum[3][lanes] = {{0}};
    ptrdiff_t whole = count / lanes * lanes;
    for (ptrdiff_t first = 0; first < whole; first += lanes) {
        uint64_t word = words[first / 16] >> first % 16 * 4;
        for (int lane = 0; lane < lanes; lane++) {
            uint64_t bits = word >> 4 * lane;
            double value = values[first + lane];
            sum[0][lane] += with_sign(value, bits);
            sum[1][lane] += with_sign(value, bits >> 1);
            sum[2][lane] += with_sign(value, bits >> 2);
        }
    }
    for (ptrdiff_t index = whole; index < count; index++) {
        uint64_t bits = words[index / 16] >> index % 16 * 4;
        for (int way = 0; way < 3; way++) sum[way][0] += with_sign(values[index], bits >> way);
    }
    for (int way = 0; way < 3; way++) sums[way] = total(sum[way]);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void power_sums_avx2(const double *values, ptrdiff_t count, double sums[5]) {
    power_sums(values, count, sums);
}

__attribute__((target("avx2"))) static void signed_sums_avx2(
    const double *values, ptrdiff_t count, const uint64_t *words, double sums[3]) {
    signed_sums(values, count, words, sums);
}
#endif

void assay_power_sums(const double *values, ptrdiff_t count, double sums[5]) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return power_sums_avx2(values, count, sums);
#endif
    power_sums(values, count, sums);
}

void assay_signed_sums(const double *values, ptrdiff_t count, const uint64_t *words, double sums[3]) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return signed_sums_avx2(values, count, words, sums);
#endif
    signed_sums(values, count, words, sums);
}
