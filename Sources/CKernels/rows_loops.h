// The loops of rows.c, compiled once for each precision and instruction set. Before it is included, REAL is the type,
// NAME(x) makes a function's name, and EXP, TANH, ERF, GELU and SIGMOID are functions of one REAL without branches that a
// compiler cannot turn into selections. A row's last elements go through the same arithmetic as the others.
//
// Loops that write y while they read x are marked as safe for vectors: y is another row or x itself, element for element,
// and without the mark a compiler takes the second case for an overlap and computes element by element.

typedef REAL NAME(pack) __attribute__((vector_size(8 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

#define MAP(name, expression)                                                          \
    static void NAME(name)(const REAL *x, REAL *y, ptrdiff_t count) {                  \
        IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) {                             \
            REAL v = x[i];                                                             \
            y[i] = expression;                                                         \
        }                                                                              \
    }

MAP(exp, EXP(v))
MAP(tanh, TANH(v))
MAP(sigmoid, SIGMOID(v))
MAP(erf, ERF(v))
MAP(gelu, GELU(v))
// (1 + tanh u) / 2 is the logistic function of 2u, which does not cancel.
MAP(gelu_tanh, v *SIGMOID((REAL)1.59576912160573071176 * (v + (REAL)0.044715 * v * v * v)))
MAP(silu, v *SIGMOID(v))
MAP(relu, v < 0 ? 0 : v)
#undef MAP

#define BINARY(name, operation)                                                                                  \
    static void NAME(name)(const REAL *a, ptrdiff_t a_step, const REAL *b, ptrdiff_t b_step, REAL *y,            \
                           ptrdiff_t count) {                                                                    \
        if (a_step && b_step) {                                                                                  \
            IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] operation b[i];                         \
        } else if (a_step) {                                                                                     \
            REAL fixed = b[0];                                                                                   \
            IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] operation fixed;                        \
        } else {                                                                                                 \
            REAL fixed = a[0];                                                                                   \
            IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = fixed operation b[b_step * i];               \
        }                                                                                                        \
    }

BINARY(add, +)
BINARY(subtract, -)
BINARY(multiply, *)
BINARY(divide, /)
#undef BINARY

static double NAME(sum)(const REAL *x, ptrdiff_t count) {
    lanes first = {0}, second = {0};
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        first += __builtin_convertvector(*(const NAME(pack) *)(x + i), lanes);
        second += __builtin_convertvector(*(const NAME(pack) *)(x + i + 8), lanes);
    }
    double sum = 0;
    for (; i < count; i++) sum += x[i];
    for (int lane = 0; lane < 8; lane++) sum += first[lane] + second[lane];
    return sum;
}

static double NAME(sum_of_squares)(const REAL *x, double center, ptrdiff_t count) {
    lanes first = {0}, second = {0};
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        lanes a = __builtin_convertvector(*(const NAME(pack) *)(x + i), lanes) - center;
        lanes b = __builtin_convertvector(*(const NAME(pack) *)(x + i + 8), lanes) - center;
        first += a * a;
        second += b * b;
    }
    double sum = 0;
    for (; i < count; i++) sum += (x[i] - center) * (x[i] - center);
    for (int lane = 0; lane < 8; lane++) sum += first[lane] + second[lane];
    return sum;
}

static void NAME(softmax)(const REAL *x, REAL *y, ptrdiff_t count) {
    if (count <= 0) return;
    REAL most[8];
    for (int lane = 0; lane < 8; lane++) most[lane] = x[0];
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) {
        for (int lane = 0; lane < 8; lane++) most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
    }
    REAL maximum = most[0];
    for (int lane = 1; lane < 8; lane++) maximum = most[lane] > maximum ? most[lane] : maximum;
    for (; i < count; i++) maximum = x[i] > maximum ? x[i] : maximum;
    IN_VECTORS for (i = 0; i < count; i++) y[i] = EXP(x[i] - maximum);
    REAL sum = (REAL)NAME(sum)(y, count);
    for (i = 0; i < count; i++) y[i] /= sum;
}

static void NAME(normalize)(const REAL *x, double center, double factor, const REAL *gamma, const REAL *beta, REAL *y,
                            ptrdiff_t count) {
    // Center and factor in two parts: their rounding to REAL would be the same error all along the row.
    REAL center_high = (REAL)center, center_low = (REAL)(center - center_high);
    REAL factor_high = (REAL)factor, factor_low = (REAL)(factor - factor_high);
#define NORMAL(v) (((v - center_high) - center_low) * factor_high + ((v - center_high) - center_low) * factor_low)
    if (gamma && beta) {
        IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = NORMAL(x[i]) * gamma[i] + beta[i];
    } else if (gamma) {
        IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = NORMAL(x[i]) * gamma[i];
    } else if (beta) {
        IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = NORMAL(x[i]) + beta[i];
    } else {
        IN_VECTORS for (ptrdiff_t i = 0; i < count; i++) y[i] = NORMAL(x[i]);
    }
#undef NORMAL
}
