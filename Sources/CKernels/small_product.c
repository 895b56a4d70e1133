// Small matrix products of floats, summed in double. They are over before OpenBLAS has packed its operands, and the few
// values of a small layer are too few for rounding errors of either sign to make up for each other in what follows.

#include "small_product.h"

enum { COLUMNS = 8, ROWS = 4, LARGEST_K = 256, LARGEST_PRODUCT = 2048 };

// Compiled into each of its callers, for their instructions; so vectors never pass by any calling convention.
#define INLINE inline __attribute__((always_inline))
#pragma clang diagnostic ignored "-Wpsabi"

typedef double lanes __attribute__((vector_size(COLUMNS * sizeof(double))));
typedef float floats __attribute__((vector_size(COLUMNS * sizeof(float)), aligned(sizeof(float)), may_alias));

bool assay_is_small_product(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
    return k <= LARGEST_K && m <= LARGEST_PRODUCT && n <= LARGEST_PRODUCT && m * n * k <= LARGEST_PRODUCT;
}

static INLINE floats load(const float *line, ptrdiff_t step, ptrdiff_t columns) {
    if (step == 1 && columns == COLUMNS) return *(const floats *)line;
    floats values = {0};
    for (ptrdiff_t column = 0; column < columns; column++) values[column] = line[column * step];
    return values;
}

static INLINE void store(float alpha, lanes sums, float beta, float *line, ptrdiff_t columns) {
    sums *= alpha;
    if (beta != 0) sums += (double)beta * __builtin_convertvector(load(line, 1, columns), lanes);
    floats values = __builtin_convertvector(sums, floats);
    if (columns == COLUMNS) {
        *(floats *)line = values;
    } else {
        for (ptrdiff_t column = 0; column < columns; column++) line[column] = values[column];
    }
}

/// C = alpha · op(A) · B + beta · C for `rows` of A (a constant where it is called) and `columns` of C; B is packed, with
/// zeros behind the columns that there are. A's elements are `a_row` and `a_step` apart.
static INLINE void block(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t k, float alpha, const float *a, ptrdiff_t a_row,
                         ptrdiff_t a_step, const lanes *b, float beta, float *c, ptrdiff_t ldc) {
    lanes sums[ROWS] = {{0}};
    for (ptrdiff_t index = 0; index < k; index++) {
#pragma clang loop unroll(full)
        for (ptrdiff_t row = 0; row < rows; row++) sums[row] += (double)a[row * a_row + index * a_step] * b[index];
    }
#pragma clang loop unroll(full)
    for (ptrdiff_t row = 0; row < rows; row++) store(alpha, sums[row], beta, c + row * ldc, columns);
}

#define ARGUMENTS                                                                                                    \
    bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float alpha, const float *a,          \
        ptrdiff_t lda, const float *b, ptrdiff_t ldb, float beta, float *c, ptrdiff_t ldc
#define VALUES transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc

static INLINE void product(ARGUMENTS) {
    lanes packed[LARGEST_K];
    ptrdiff_t b_step = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1;
    ptrdiff_t a_row = transpose_a ? 1 : lda, a_step = transpose_a ? lda : 1;
    for (ptrdiff_t first = 0; first < n; first += COLUMNS) {
        ptrdiff_t columns = n - first < COLUMNS ? n - first : COLUMNS;
        for (ptrdiff_t index = 0; index < k; index++) {
            const float *line = b + index * b_step + first * b_column;
            packed[index] = __builtin_convertvector(load(line, b_column, columns), lanes);
        }
        ptrdiff_t row = 0;
        for (; row + ROWS <= m; row += ROWS) {
            block(ROWS, columns, k, alpha, a + row * a_row, a_row, a_step, packed, beta, c + row * ldc + first, ldc);
        }
        for (; row < m; row++) {
            block(1, columns, k, alpha, a + row * a_row, a_row, a_step, packed, beta, c + row * ldc + first, ldc);
        }
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void product_avx2(ARGUMENTS) { product(VALUES); }
#endif

static void product_baseline(ARGUMENTS) { product(VALUES); }

void assay_small_product(ARGUMENTS) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        product_avx2(VALUES);
        return;
    }
#endif
    product_baseline(VALUES);
}
