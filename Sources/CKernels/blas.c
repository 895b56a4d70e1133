// OpenBLAS behind dlopen. The library makes threads and picks its kernels when it is loaded, so what it should know must
// be in the environment before: one thread (Assay shares out work itself), and the AVX2 kernels, which are the faster ones
// on processors that run AVX-512 in two halves.

#define _GNU_SOURCE
#include "blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "small_product.h"

static __typeof__(&cblas_sgemm) sgemm;
static __typeof__(&cblas_dgemm) dgemm;
static __typeof__(&cblas_sgemv) sgemv;
static __typeof__(&cblas_dgemv) dgemv;

static void load(void) {
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    sgemm = (__typeof__(sgemm))dlsym(library, "cblas_sgemm");
    dgemm = (__typeof__(dgemm))dlsym(library, "cblas_dgemm");
    sgemv = (__typeof__(sgemv))dlsym(library, "cblas_sgemv");
    dgemv = (__typeof__(dgemv))dlsym(library, "cblas_dgemv");
}

bool assay_blas_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return sgemm && dgemm && sgemv && dgemv;
}

// A product of a few rows (a step of one sequence) is bound by reading B: packing it first, as a matrix product does,
// takes five times as long as a product with a vector for one row, and pays from five rows on.
static bool has_few_rows(bool transpose_a, ptrdiff_t m, ptrdiff_t k) { return !transpose_a && m <= 4 && k > 0; }

#define DEFINE_FEW_ROWS(name, REAL, gemv)                                                                              \
    static void name(bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, REAL alpha, const REAL *a,              \
                     ptrdiff_t lda, const REAL *b, ptrdiff_t ldb, REAL beta, REAL *c, ptrdiff_t ldc) {                \
        for (ptrdiff_t row = 0; row < m; row++) {                                                                     \
            REAL *y = c + row * ldc;                                                                                  \
            /* Zeros are set here: not every version of OpenBLAS overwrites NaN when beta is zero. */                \
            if (beta == 0) memset(y, 0, (size_t)n * sizeof(REAL));                                                    \
            gemv(CblasRowMajor, transpose_b ? CblasNoTrans : CblasTrans, (blasint)(transpose_b ? n : k),             \
                 (blasint)(transpose_b ? k : n), alpha, b, (blasint)ldb, a + row * lda, 1, beta == 0 ? 1 : beta, y,   \
                 1);                                                                                                  \
        }                                                                                                             \
    }

DEFINE_FEW_ROWS(few_rows_float, float, sgemv)
DEFINE_FEW_ROWS(few_rows_double, double, dgemv)

void assay_sgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha,
                 const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float beta, float *c, ptrdiff_t ldc) {
    if (assay_is_small_product(m, n, k)) {
        assay_small_product(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    if (has_few_rows(transpose_a, m, k)) {
        few_rows_float(transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m,
          (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void assay_dgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, double alpha,
                 const double *a, ptrdiff_t lda, const double *b, ptrdiff_t ldb, double beta, double *c,
                 ptrdiff_t ldc) {
    if (has_few_rows(transpose_a, m, k)) {
        few_rows_double(transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m,
          (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}
