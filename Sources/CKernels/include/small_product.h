// Matrix products that are too small for OpenBLAS, summed in double.
#ifndef ASSAY_SMALL_PRODUCT_H
#define ASSAY_SMALL_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

/// Whether a product of m × k and k × n is small.
bool assay_is_small_product(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k);

/// C = alpha · op(A) · op(B) + beta · C, row-major, for a small product; each element is rounded once.
void assay_small_product(bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha,
                         const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float beta, float *c,
                         ptrdiff_t ldc);

#endif
