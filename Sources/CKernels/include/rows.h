// Elementwise functions, softmax and normalisation over contiguous rows, in float and double. Both use
// polynomials in vectors, with errors of at most two (float) or three (double) units in the last place. Where `y` is written it
// may be `x` itself.
#ifndef ASSAY_ROWS_H
#define ASSAY_ROWS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

#define ASSAY_DECLARE_MAP(name)                                      \
    void assay_##name##_f32(const float *x, float *y, ptrdiff_t count); \
    void assay_##name##_f64(const double *x, double *y, ptrdiff_t count);

ASSAY_DECLARE_MAP(exp)
ASSAY_DECLARE_MAP(tanh)
ASSAY_DECLARE_MAP(sigmoid)
ASSAY_DECLARE_MAP(erf)
ASSAY_DECLARE_MAP(gelu)
ASSAY_DECLARE_MAP(gelu_tanh)
ASSAY_DECLARE_MAP(silu)
ASSAY_DECLARE_MAP(relu)
/// exp(x − max x) / Σ exp(x − max x).
ASSAY_DECLARE_MAP(softmax)

/// a step is 1, or 0 for an operand that stays the same along the row.
#define ASSAY_DECLARE_BINARY(name)                                                                            \
    void assay_##name##_f32(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y,     \
                            ptrdiff_t count);                                                                 \
    void assay_##name##_f64(const double *a, ptrdiff_t a_step, const double *b, ptrdiff_t b_step, double *y, \
                            ptrdiff_t count);

ASSAY_DECLARE_BINARY(add)
ASSAY_DECLARE_BINARY(subtract)
ASSAY_DECLARE_BINARY(multiply)
ASSAY_DECLARE_BINARY(divide)

/// The sum, in double.
double assay_sum_f32(const float *x, ptrdiff_t count);
/// The sum, in double.
double assay_sum_f64(const double *x, ptrdiff_t count);
/// Σ (x − center)², in double.
double assay_sum_of_squares_f32(const float *x, double center, ptrdiff_t count);
/// Σ (x − center)², in double.
double assay_sum_of_squares_f64(const double *x, double center, ptrdiff_t count);

/// y = (x − center) · factor · gamma + beta; gamma and beta may be null.
void assay_normalize_f32(const float *x, double center, double factor, const float *_Nullable gamma,
                         const float *_Nullable beta, float *y, ptrdiff_t count);
/// y = (x − center) · factor · gamma + beta; gamma and beta may be null.
void assay_normalize_f64(const double *x, double center, double factor, const double *_Nullable gamma,
                         const double *_Nullable beta, double *y, ptrdiff_t count);

#pragma clang assume_nonnull end

#endif
