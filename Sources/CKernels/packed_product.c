// Products of floats with a packed matrix, for processors with AVX2 and FMA. OpenBLAS packs both operands anew at each call,
// which takes a tenth of the time of a product with 128 rows; weights stay the same from run to run.

#include "packed_product.h"

#include <string.h>

enum {
    LANES = 8,
    VECTORS = 3,
    WIDTH = LANES * VECTORS,
    /// Rows of a tile: with three vectors each, twelve sums at once, as many as hide the latency of a multiply–add. With a row of
    /// B and an element of A they fill the sixteen registers, and four by three needs fewer loads than six by two.
    ROWS = 4,
    /// Rows of B in one pass: a panel stays in the cache while all rows of A come by.
    DEPTH = 768,
    /// Rows of A in one pass, as measured: fewer read B's panels from memory more often, more take the whole cache.
    HEIGHT = 240,
    /// Panels that are packed side by side: rows of B are read in longer runs.
    GROUP = 8,
    LINE = 64 / sizeof(float),
};

// Compiled into each of its callers, for their instructions.
#define INLINE inline __attribute__((always_inline))
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
/// A float of a file, at whatever address.
typedef float stored_float __attribute__((aligned(1), may_alias));

static INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

bool assay_has_packed_products(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

ptrdiff_t assay_packed_panel_width(void) { return WIDTH; }

/// One panel of a matrix whose rows are the columns of B: in short stretches, which stay in the cache until all columns have come by.
static void pack_transposed(ptrdiff_t columns, ptrdiff_t k, const stored_float *b, ptrdiff_t ldb, float *panel) {
    for (ptrdiff_t first = 0; first < k; first += LINE) {
        ptrdiff_t end = least(first + LINE, k);
        for (ptrdiff_t column = 0; column < columns; column++) {
            for (ptrdiff_t row = first; row < end; row++) panel[row * WIDTH + column] = b[column * ldb + row];
        }
    }
}

void assay_pack(bool transpose, ptrdiff_t n, ptrdiff_t k, const void *matrix, ptrdiff_t ldb, ptrdiff_t first,
                ptrdiff_t end, float *packed) {
    const stored_float *b = matrix;
    for (; first < end; first += GROUP) {
        ptrdiff_t last = least(first + GROUP, end);
        if (n < last * WIDTH) memset(packed + (last - 1) * WIDTH * k, 0, (size_t)(WIDTH * k) * sizeof(float));
        if (transpose) {
            for (ptrdiff_t panel = first; panel < last; panel++) {
                ptrdiff_t column = panel * WIDTH;
                pack_transposed(least(WIDTH, n - column), k, b + column * ldb, ldb, packed + column * k);
            }
            continue;
        }
        for (ptrdiff_t row = 0; row < k; row++) {
            for (ptrdiff_t panel = first; panel < last; panel++) {
                ptrdiff_t column = panel * WIDTH, columns = n - column;
                float *target = packed + column * k + row * WIDTH;
                const stored_float *source = b + row * ldb + column;
                if (columns >= WIDTH) {
                    memcpy(target, source, WIDTH * sizeof(float));
                } else {
                    memcpy(target, source, (size_t)columns * sizeof(float));
                }
            }
        }
    }
}

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

/// One tile's place in a product.
typedef struct {
    const float *a, *b, *bias;
    float *c;
    ptrdiff_t lda, ldc, depth, columns;
    bool is_first;
} tile;

static INLINE lanes load(const float *line, ptrdiff_t columns) {
    if (columns >= LANES) return *(const lanes *)line;
    lanes values = {0};
    for (ptrdiff_t lane = 0; lane < columns; lane++) values[lane] = line[lane];
    return values;
}

static INLINE void store(lanes values, float *line, ptrdiff_t columns) {
    if (columns >= LANES) {
        *(lanes *)line = values;
    } else {
        for (ptrdiff_t lane = 0; lane < columns; lane++) line[lane] = values[lane];
    }
}

static INLINE lanes broadcast(float x) { return (lanes){x, x, x, x, x, x, x, x}; }

/// Adds a · b to a sum. The compiler would put these in another order, for which sixteen registers are too few.
static INLINE void add_product(lanes *sum, lanes a, lanes b) {
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(*sum) : "x"(a), "x"(b));
}

/// The sums of `rows` rows and `vectors` vectors (constants where it is called) over one depth, added to what is in C, or to the
/// bias.
static INLINE void multiply(ptrdiff_t rows, ptrdiff_t vectors, tile t) {
    lanes sums[ROWS][VECTORS] = {{{0}}};
    // Fewer instructions beside the multiply–adds: a processor that another one shares has none to spare.
#pragma clang loop unroll_count(4)
    for (ptrdiff_t index = 0; index < t.depth; index++) {
        lanes line[VECTORS];
#pragma clang loop unroll(full)
        for (ptrdiff_t vector = 0; vector < vectors; vector++) {
            line[vector] = *(const lanes *)(t.b + index * WIDTH + vector * LANES);
        }
#pragma clang loop unroll(full)
        for (ptrdiff_t row = 0; row < rows; row++) {
            lanes element = broadcast(t.a[row * t.lda + index]);
#pragma clang loop unroll(full)
            for (ptrdiff_t vector = 0; vector < vectors; vector++) add_product(&sums[row][vector], element, line[vector]);
        }
    }
#pragma clang loop unroll(full)
    for (ptrdiff_t row = 0; row < rows; row++) {
        float *c = t.c + row * t.ldc;
        const float *before = t.is_first ? t.bias : c;
#pragma clang loop unroll(full)
        for (ptrdiff_t vector = 0; vector < vectors; vector++) {
            ptrdiff_t first = vector * LANES;
            lanes sum = sums[row][vector];
            if (before) sum += load(before + first, t.columns - first);
            store(sum, c + first, t.columns - first);
        }
    }
}

/// Reads ahead a share of the next panel, so that it is in the cache when its turn comes.
static INLINE void fetch(const float **next, const float *end) {
    for (int line = 0; line < 40 && *next < end; line++, *next += LINE) __builtin_prefetch(*next, 0, 2);
}

/// All rows of one panel, of so many vectors (a constant where it is called), and one depth.
static INLINE void multiply_panel(ptrdiff_t vectors, tile t, ptrdiff_t rows, const float *next, const float *end) {
    while (rows > 0) {
        fetch(&next, end);
        ptrdiff_t count = least(rows, ROWS);
        switch (count) {
        case 4: multiply(4, vectors, t); break;
        case 3: multiply(3, vectors, t); break;
        case 2: multiply(2, vectors, t); break;
        default: multiply(1, vectors, t);
        }
        t.a += count * t.lda;
        t.c += count * t.ldc;
        rows -= count;
    }
}

void assay_packed_product(ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
                          ptrdiff_t first, ptrdiff_t end, float *c, ptrdiff_t ldc) {
    for (ptrdiff_t top = 0; top < m; top += HEIGHT) {
        ptrdiff_t rows = least(HEIGHT, m - top);
        for (ptrdiff_t index = 0; index < k; index += DEPTH) {
            ptrdiff_t depth = least(DEPTH, k - index);
            for (ptrdiff_t column = first; column < end; column += WIDTH) {
                const float *b = packed + column * k + index * WIDTH, *next = b + WIDTH * k;
                const float *next_end = column + WIDTH < end ? next + WIDTH * depth : next;
                tile t = {a + top * lda + index, b, bias ? bias + column : 0, c + top * ldc + column, lda, ldc, depth,
                          least(WIDTH, end - column), index == 0};
                if (t.columns > 2 * LANES) {
                    multiply_panel(3, t, rows, next, next_end);
                } else if (t.columns > LANES) {
                    multiply_panel(2, t, rows, next, next_end);
                } else {
                    multiply_panel(1, t, rows, next, next_end);
                }
            }
        }
    }
}

#pragma clang attribute pop
#else

void assay_packed_product(ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
                          ptrdiff_t first, ptrdiff_t end, float *c, ptrdiff_t ldc) {
    __builtin_trap();
}

#endif
