// Rows of elementwise functions, softmax and normalisation: one set of plain loops, compiled for AVX2 with FMA and for the
// baseline, chosen when called.

#include "rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT ON

typedef double lanes __attribute__((vector_size(64)));

#define IN_VECTORS _Pragma("clang loop vectorize(assume_safety)")

#define EXP NAME(exp_of)
#define TANH NAME(tanh_of)
#define ERF NAME(erf_of)
#define SIGMOID NAME(sigmoid_of)
#define GELU NAME(gelu_of)

// Float.
#define REAL float
#define NAME(x) x##_f32_baseline
#include "elementary_float.h"
#include "rows_loops.h"
#undef NAME

#if defined(__x86_64__)
#define ASSAY_HAS_AVX2 1
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(x) x##_f32_avx2
#include "elementary_float.h"
#include "rows_loops.h"
#undef NAME
#pragma clang attribute pop
#endif

#undef REAL

// Double.
#define REAL double
#define NAME(x) x##_f64_baseline
#include "elementary_double.h"
#include "rows_loops.h"
#undef NAME

#if ASSAY_HAS_AVX2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(x) x##_f64_avx2
#include "elementary_double.h"
#include "rows_loops.h"
#undef NAME
#pragma clang attribute pop
#endif

#if ASSAY_HAS_AVX2
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#define CALL(name, ...) (has_avx2() ? name##_avx2(__VA_ARGS__) : name##_baseline(__VA_ARGS__))
#else
#define CALL(name, ...) name##_baseline(__VA_ARGS__)
#endif

#define DEFINE_MAP(name)                                                                                            \
    void assay_##name##_f32(const float *x, float *y, ptrdiff_t count) { CALL(name##_f32, x, y, count); }           \
    void assay_##name##_f64(const double *x, double *y, ptrdiff_t count) { CALL(name##_f64, x, y, count); }

DEFINE_MAP(exp)
DEFINE_MAP(tanh)
DEFINE_MAP(sigmoid)
DEFINE_MAP(erf)
DEFINE_MAP(gelu)
DEFINE_MAP(gelu_tanh)
DEFINE_MAP(silu)
DEFINE_MAP(relu)
DEFINE_MAP(softmax)

#define DEFINE_BINARY(name)                                                                                         \
    void assay_##name##_f32(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y,           \
                            ptrdiff_t count) {                                                                      \
        CALL(name##_f32, a, a_step, b, b_step, y, count);                                                           \
    }                                                                                                               \
    void assay_##name##_f64(const double *a, ptrdiff_t a_step, const double *b, ptrdiff_t b_step, double *y,        \
                            ptrdiff_t count) {                                                                      \
        CALL(name##_f64, a, a_step, b, b_step, y, count);                                                           \
    }

DEFINE_BINARY(add)
DEFINE_BINARY(subtract)
DEFINE_BINARY(multiply)
DEFINE_BINARY(divide)

double assay_sum_f32(const float *x, ptrdiff_t count) { return CALL(sum_f32, x, count); }

double assay_sum_f64(const double *x, ptrdiff_t count) { return CALL(sum_f64, x, count); }

double assay_sum_of_squares_f32(const float *x, double center, ptrdiff_t count) {
    return CALL(sum_of_squares_f32, x, center, count);
}

double assay_sum_of_squares_f64(const double *x, double center, ptrdiff_t count) {
    return CALL(sum_of_squares_f64, x, center, count);
}

void assay_normalize_f32(const float *x, double center, double factor, const float *gamma, const float *beta, float *y,
                         ptrdiff_t count) {
    CALL(normalize_f32, x, center, factor, gamma, beta, y, count);
}

void assay_normalize_f64(const double *x, double center, double factor, const double *gamma, const double *beta,
                         double *y, ptrdiff_t count) {
    CALL(normalize_f64, x, center, factor, gamma, beta, y, count);
}
