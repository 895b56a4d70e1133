// OpenBLAS behind dlopen. The library makes threads and picks its kernels when it is loaded, so what it should know must
// be in the environment before: one thread (Assay shares out work itself), and the AVX2 kernels, which are the faster ones
// on processors that run AVX-512 in two halves.

#define _GNU_SOURCE
#include "blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

static __typeof__(&cblas_sgemm) sgemm;
static __typeof__(&cblas_dgemm) dgemm;

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
}

bool assay_blas_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return sgemm && dgemm;
}

void assay_sgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha,
                 const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float beta, float *c, ptrdiff_t ldc) {
    sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m,
          (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void assay_dgemm(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, double alpha,
                 const double *a, ptrdiff_t lda, const double *b, ptrdiff_t ldb, double beta, double *c,
                 ptrdiff_t ldc) {
    dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m,
          (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}
