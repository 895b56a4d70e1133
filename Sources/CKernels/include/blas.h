// Matrix products of OpenBLAS, which is loaded when the first one is asked for: commands that do not compute start faster.
#ifndef ASSAY_BLAS_H
#define ASSAY_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/// Loads OpenBLAS, once, with one thread of its own; false where it is not installed.
bool assay_blas_load(void);

/// C = alpha · op(A) · op(B) + beta · C, row-major, on one thread. `assay_blas_load` has returned true.
void assay_sgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha,
                 const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float beta, float *c, ptrdiff_t ldc);
/// The same in double precision.
void assay_dgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, double alpha,
                 const double *a, ptrdiff_t lda, const double *b, ptrdiff_t ldb, double beta, double *c,
                 ptrdiff_t ldc);

#endif
