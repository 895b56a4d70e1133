// exp, tanh, erf and the logistic function of one float, without branches, so that loops over them become vectors.
// NAME(x) makes a function's name. Errors against the exact values are below two units in the last place.

static inline float NAME(float_of)(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t NAME(bits_of)(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// exp(x + rest), rest small beside x: 2^n · P(r) with x + rest = n · ln 2 + r and |r| ≤ ln 2 / 2; P is Cephes's polynomial.
static inline float NAME(exp_of_sum)(float x, float rest) {
    // Beyond these everything is infinite or zero; a NaN passes both comparisons.
    x = x > 90.0f ? 90.0f : x;
    x = x < -105.0f ? -105.0f : x;
    // Adding 1.5 · 2^23 leaves the nearest integer in the low bits.
    const float magic = 12582912.0f;
    float shifted = (x + rest) * 1.44269504088896341f + magic;
    float n = shifted - magic;
    int32_t power = (int32_t)(NAME(bits_of)(shifted) - NAME(bits_of)(magic));
    // ln 2 in two parts: the product with the first is exact, the second is kept apart until the last sum.
    float high = x - n * 0.693359375f, low = n * -2.12194440054690583e-4f - rest;
    float r = high - low;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = 1.0f + (high + (p * (r * r) - low));
    // Two factors, since 2^n itself may be subnormal or infinite where the result is not.
    int32_t half = power >> 1;
    return p * NAME(float_of)((uint32_t)(half + 127) << 23) * NAME(float_of)((uint32_t)(power - half + 127) << 23);
}

static inline float NAME(exp_of)(float x) { return NAME(exp_of_sum)(x, 0.0f); }

/// By exp(−|x|), which never overflows.
static inline float NAME(sigmoid_of)(float x) {
    float e = NAME(exp_of)(-fabsf(x));
    float sum = 1.0f + e, lost = e - (sum - 1.0f);
    float quotient = (x >= 0 ? 1.0f : e) / sum;
    // What the sum lost in rounding, to first order, with 1 / sum ≈ 1 − e / 2.
    return quotient - quotient * (lost * (1.0f - 0.5f * e));
}

/// Cephes's polynomial near zero, 1 − 2 / (exp(2|x|) + 1) elsewhere.
static inline float NAME(tanh_of)(float x) {
    float a = fabsf(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    float small = p * z * a + a;
    float large = 1.0f - 2.0f / (NAME(exp_of)(2.0f * a) + 1.0f);
    return copysignf(a < 0.625f ? small : large, x);
}

/// A polynomial in x², for |x| < 0.93.
static inline float NAME(erf_near_zero)(float x) {
    float z = x * x;
    float p = -5.96761703e-4f;
    p = p * z + 4.99119423e-3f;
    p = p * z - 2.67681349e-2f;
    p = p * z + 1.12819925e-1f;
    p = p * z - 3.76125336e-1f;
    p = p * z + 1.28379166e-1f;
    return p * x + x;
}

/// 1 − exp(Q(|x|)) away from zero.
static inline float NAME(erf_of)(float x) {
    float a = fabsf(x);
    a = a > 4.0f ? 4.0f : a;
    float q = -1.72853470e-5f * a + 3.83197126e-4f;
    float u = -3.88396438e-3f * a + 2.42546219e-2f;
    q = q * (a * a) + u;
    q = q * a - 1.06777877e-1f;
    q = q * a - 6.34846687e-1f;
    q = q * a - 1.28717512e-1f;
    q = q * a - a;
    float large = copysignf(1.0f - NAME(exp_of)(q), x);
    return fabsf(x) < 0.927734375f ? NAME(erf_near_zero)(x) : large;
}

/// Φ(−|x|), Φ the normal distribution function, for |x| ≥ 0.6: exp(−x² / 2) · t · P(t), t = 1 / (1 + 0.35 |x|). P is the
/// Chebyshev fit of degree 8 in t − ½; its relative error is below 2e-8. 1 − erf would cancel here.
static inline float NAME(normal_tail)(float x) {
    float a = fabsf(x);
    a = a > 14.5f ? 14.5f : a;
    float t = 1.0f / (1.0f + 0.35f * a), s = t - 0.5f;
    float p = -3.12482125e-2f;
    p = p * s + 2.81898841e-2f;
    p = p * s + 4.46889870e-2f;
    p = p * s - 5.62896275e-2f;
    p = p * s - 8.17832140e-2f;
    p = p * s + 8.18785383e-2f;
    p = p * s + 2.84396978e-1f;
    p = p * s + 3.42991519e-1f;
    p = p * s + 2.53244272e-1f;
    // x² in two parts, the first exact: half its rounding error would be the relative error of the power.
    float high = NAME(float_of)(NAME(bits_of)(a) & 0xFFFFF000u);
    return t * p * NAME(exp_of_sum)(-0.5f * high * high, -0.5f * (a - high) * (a + high));
}

/// x · Φ(x). Φ is by the error function where ½ + ½ erf does not cancel, else by its tail.
static inline float NAME(gelu_of)(float x) {
    float tail = NAME(normal_tail)(x);
    float near = 0.5f + 0.5f * NAME(erf_near_zero)(x * 0.70710678118654752440f);
    float far = x < 0 ? tail : 1.0f - tail;
    return x * (((x > -0.64f) & (x < 1.3f)) ? near : far);
}
