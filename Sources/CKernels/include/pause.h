// What a loop that waits for another thread does between two looks.
#ifndef ASSAY_PAUSE_H
#define ASSAY_PAUSE_H

/// Tells the processor that this thread waits: a few nanoseconds that cost little.
static inline void assay_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
