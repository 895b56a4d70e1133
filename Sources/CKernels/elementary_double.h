// exp, tanh, erf and the logistic function of one double, without branches, so that loops over them become vectors.
// NAME(x) makes a function's name. Errors against the exact values are below three units in the last place. Rational
// functions are those of Cephes (Moshier 1989): tanh.c and ndtr.c.

static inline double NAME(double_of)(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t NAME(bits_of)(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// 2^n · (1 + r + r² · P(r)) with x = n · ln 2 + r and |r| ≤ ln 2 / 2; P is Taylor's to r¹³.
static inline double NAME(exp_of)(double x) {
    // Beyond these everything is infinite or zero; a NaN passes both comparisons.
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    // Adding 1.5 · 2^52 leaves the nearest integer in the low bits.
    const double magic = 6755399441055744.0;
    double shifted = x * 1.44269504088896340736 + magic;
    double n = shifted - magic;
    uint64_t power = NAME(bits_of)(shifted) - NAME(bits_of)(magic);
    // ln 2 in two parts: the product with the first is exact, the second is kept apart until the last sum.
    double high = x - n * 6.93147180369123816490e-01, low = n * 1.90821492927058770002e-10;
    double r = high - low;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = 1.0 + (high + (p * (r * r) - low));
    // Two factors, since 2^n itself may be subnormal or infinite where the result is not. The shift is of a positive
    // number: AVX2 has no other for 64 bits.
    uint64_t half = ((power + 4096) >> 1) - 2048;
    return p * NAME(double_of)((half + 1023) << 52) * NAME(double_of)((power - half + 1023) << 52);
}

/// By exp(−|x|), which never overflows.
static inline double NAME(sigmoid_of)(double x) {
    double e = NAME(exp_of)(-fabs(x));
    return (x >= 0 ? 1.0 : e) / (1.0 + e);
}

/// x + x³ · P(x²) / Q(x²) near zero, 1 − 2 / (exp(2|x|) + 1) elsewhere.
static inline double NAME(tanh_of)(double x) {
    double a = fabs(x), z = x * x;
    double p = -9.64399179425052238628e-1;
    p = p * z - 9.92877231001918586564e1;
    p = p * z - 1.61468768441708447952e3;
    double q = z + 1.12811678491632931402e2;
    q = q * z + 2.23548839060100448583e3;
    q = q * z + 4.84406305325125486048e3;
    double small = a + a * z * (p / q);
    double large = 1.0 - 2.0 / (NAME(exp_of)(2.0 * a) + 1.0);
    return copysign(a < 0.625 ? small : large, x);
}

/// erf for |x| ≤ 1: x · T(x²) / U(x²).
static inline double NAME(erf_near_zero)(double x) {
    double z = x * x;
    double t = 9.60497373987051638749e0;
    t = t * z + 9.00260197203842689217e1;
    t = t * z + 2.23200534594684319226e3;
    t = t * z + 7.00332514112805075473e3;
    t = t * z + 5.55923013010394962768e4;
    double u = z + 3.35617141647503099647e1;
    u = u * z + 5.21357949780152679795e2;
    u = u * z + 4.59432382970980127987e3;
    u = u * z + 2.26290000613890934246e4;
    u = u * z + 4.92673942608635921086e4;
    return x * (t / u);
}

/// erfc for a ≥ 1: exp(−a²) · P(a) / Q(a), made for a < 8. Beyond, where erfc is below 1e-29, the relative error grows to
/// 1e-8.
static inline double NAME(erfc_of_tail)(double a) {
    double p = 2.46196981473530512524e-10;
    p = p * a + 5.64189564831068821977e-1;
    p = p * a + 7.46321056442269912687e0;
    p = p * a + 4.86371970985681366614e1;
    p = p * a + 1.96520832956077098242e2;
    p = p * a + 5.26445194995477358631e2;
    p = p * a + 9.34528527171957607540e2;
    p = p * a + 1.02755188689515710272e3;
    p = p * a + 5.57535335369399327526e2;
    double q = a + 1.32281951154744992508e1;
    q = q * a + 8.67072140885989742329e1;
    q = q * a + 3.54937778887819891062e2;
    q = q * a + 9.75708501743205489753e2;
    q = q * a + 1.82390916687909736289e3;
    q = q * a + 2.24633760818710981792e3;
    q = q * a + 1.65666309194161350182e3;
    q = q * a + 5.57535340817727675546e2;
    // a² in two parts: h² is exact, since h has the upper half of a's bits, and what is left is small.
    double h = NAME(double_of)(NAME(bits_of)(a) & 0xffffffff00000000u);
    double rest = (h - a) * (h + a);
    double correction = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6 + rest / 24)));
    return NAME(exp_of)(-h * h) * correction * (p / q);
}

/// erf near zero, 1 − erfc elsewhere.
static inline double NAME(erf_of)(double x) {
    double a = fabs(x);
    // erf is one from here on; beyond 2^512 the polynomials would overflow.
    a = a > 28.0 ? 28.0 : a;
    double large = copysign(1.0 - NAME(erfc_of_tail)(a), x);
    return fabs(x) <= 1.0 ? NAME(erf_near_zero)(x) : large;
}

/// x · Φ(x), Φ the normal distribution function, whose tail keeps a small relative error.
static inline double NAME(gelu_of)(double x) {
    double a = fabs(x) * 0.70710678118654752440;
    a = a > 28.0 ? 28.0 : a;
    double tail = 0.5 * (a <= 1.0 ? 1.0 - NAME(erf_near_zero)(a) : NAME(erfc_of_tail)(a));
    return x * (x < 0 ? tail : 1.0 - tail);
}
