/**
 * @file simd.h
 * The same loop compiled for several vector widths, picked when it runs.
 *
 * A body is written once, in plain C, with its outputs side by side so that the width changes no bit. ES_CLONES makes
 * the callable function out of it: on x86-64 with versions for AVX2 and AVX-512 behind one test of the processor, elsewhere
 * a plain call. No version contracts to fused multiply-add (the build passes -ffp-contract=off).
 */
#ifndef ES_BASE_SIMD_H
#define ES_BASE_SIMD_H

#if defined(__FAST_MATH__)
#error "estro promises the same bits everywhere: build without -ffast-math and -Ofast"
#endif

#if defined(__GNUC__)
#define ES_INLINE static inline __attribute__((always_inline))
#else
#define ES_INLINE static inline
#endif

/** The iterations of the next loop may run side by side. Clang sees it by itself (and warns of the hint when it does not optimise). */
#if defined(__GNUC__) && !defined(__clang__)
#define ES_SIMD _Pragma("omp simd")
#else
#define ES_SIMD
#endif

/** The next loop, of few and constant turns, is to be written out, so that what it indexes can live in registers. */
#if defined(__GNUC__) && !defined(__clang__)
#define ES_UNROLL _Pragma("GCC unroll 16")
#else
#define ES_UNROLL
#endif

/**
 * Whether the processor can do something and the system lets it: by its name for glibc and by that for the compiler. glibc has asked when
 * the program started; the compiler's own way asks again at each start, which takes a virtual machine 5 us a question.
 */
#if defined(__GNUC__) && defined(__x86_64__)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define ES_CPU_HAS(glibc, compiler) es_cpu_has(x86_cpu_##glibc)
/* What CPU_FEATURE_ACTIVE does, which shifts into the sign. */
ES_INLINE unsigned es_cpu_has(unsigned feature)
{
    return __x86_get_cpuid_feature_leaf(feature / 128)->active_array[feature / 32 % 4] >>
               feature % 32 &
           1u;
}
#else
#define ES_CPU_HAS(glibc, compiler) __builtin_cpu_supports(compiler)
#endif
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define ES_CLONES(name, parameters, arguments)                                                     \
    __attribute__((target("avx512f"))) static void name##_avx512 parameters                        \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    __attribute__((target("avx2"))) static void name##_avx2 parameters                             \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    void name parameters                                                                           \
    {                                                                                              \
        if (ES_CPU_HAS(AVX512F, "avx512f")) {                                                      \
            name##_avx512 arguments;                                                               \
        } else if (ES_CPU_HAS(AVX2, "avx2")) {                                                     \
            name##_avx2 arguments;                                                                 \
        } else {                                                                                   \
            name##_body arguments;                                                                 \
        }                                                                                          \
    }
#else
#define ES_CLONES(name, parameters, arguments)                                                     \
    void name parameters                                                                           \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#endif

#endif
