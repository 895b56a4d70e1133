// Loops over four lanes, compiled for AVX2 and for the baseline, chosen when called. The order of the sums is the same in both.

#include "sums.h"

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

static inline __attribute__((always_inline)) double larger(double a, double b) { return a > b ? a : b; }

static inline __attribute__((always_inline)) double largest_of(const double *lane) {
    return larger(larger(lane[0], lane[1]), larger(lane[2], lane[3]));
}

// The loop over groups of four; `a` and `b` are floats or doubles.
#define ADD_DIFFERENCES(a, b, count, sums)                                                    \
    double absolute[lanes] = {0}, relative[lanes] = {0}, size[lanes] = {0};                   \
    double square[lanes] = {0}, own[lanes] = {0}, other[lanes] = {0}, mixed[lanes] = {0};     \
    ptrdiff_t first = 0;                                                                      \
    for (; first + lanes <= (count); first += lanes) {                                        \
        double left[lanes], right[lanes], finite = 0;                                         \
        for (int lane = 0; lane < lanes; lane++) {                                            \
            left[lane] = (a)[first + lane];                                                   \
            right[lane] = (b)[first + lane];                                                  \
            finite += (left[lane] - left[lane]) + (right[lane] - right[lane]);                \
        }                                                                                     \
        if (finite != 0) break;                                                               \
        for (int lane = 0; lane < lanes; lane++) {                                            \
            double difference = fabs(left[lane] - right[lane]), magnitude = fabs(left[lane]); \
            double share = magnitude > 0 ? difference / magnitude : 0;                        \
            absolute[lane] = larger(absolute[lane], difference);                              \
            relative[lane] = larger(relative[lane], share);                                   \
            size[lane] = larger(size[lane], magnitude);                                       \
            square[lane] += difference * difference;                                          \
            own[lane] += left[lane] * left[lane];                                             \
            other[lane] += right[lane] * right[lane];                                         \
            mixed[lane] += left[lane] * right[lane];                                          \
        }                                                                                     \
    }                                                                                         \
    (sums)->maximum_absolute = larger((sums)->maximum_absolute, largest_of(absolute));        \
    (sums)->maximum_relative = larger((sums)->maximum_relative, largest_of(relative));        \
    (sums)->largest = larger((sums)->largest, largest_of(size));                              \
    (sums)->squares += total(square);                                                         \
    (sums)->own_squares += total(own);                                                        \
    (sums)->other_squares += total(other);                                                    \
    (sums)->product += total(mixed);                                                          \
    return first;

static inline __attribute__((always_inline)) ptrdiff_t add_double_differences(
    const double *a, const double *b, ptrdiff_t count, assay_difference *sums) {
    ADD_DIFFERENCES(a, b, count, sums)
}

static inline __attribute__((always_inline)) ptrdiff_t add_float_differences(
    const float *a, const float *b, ptrdiff_t count, assay_difference *sums) {
    ADD_DIFFERENCES(a, b, count, sums)
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static ptrdiff_t add_double_differences_avx2(
    const double *a, const double *b, ptrdiff_t count, assay_difference *sums) {
    return add_double_differences(a, b, count, sums);
}

__attribute__((target("avx2"))) static ptrdiff_t add_float_differences_avx2(
    const float *a, const float *b, ptrdiff_t count, assay_difference *sums) {
    return add_float_differences(a, b, count, sums);
}

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

ptrdiff_t assay_add_double_differences(const double *a, const double *b, ptrdiff_t count, assay_difference *sums) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return add_double_differences_avx2(a, b, count, sums);
#endif
    return add_double_differences(a, b, count, sums);
}

ptrdiff_t assay_add_float_differences(const float *a, const float *b, ptrdiff_t count, assay_difference *sums) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return add_float_differences_avx2(a, b, count, sums);
#endif
    return add_float_differences(a, b, count, sums);
}
