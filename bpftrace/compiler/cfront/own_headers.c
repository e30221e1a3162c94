/* SPDX-License-Identifier: Apache-2.0 */
/* Text in C11, by the compiler's predefined macros; the C library's headers complete it. */
#include "own_headers.h"

#include "libcommon/base/attributes.h"

const struct own_header own_headers[] = {
	{OWN_HEADERS "/stddef.h",
		"#ifndef __BPFTRACE_STDDEF_H\n#define __BPFTRACE_STDDEF_H\n"
		"typedef __SIZE_TYPE__ size_t;\n"
		"typedef __PTRDIFF_TYPE__ ptrdiff_t;\n"
		"typedef __WCHAR_TYPE__ wchar_t;\n"
		"typedef struct { long long a; long double b; } max_align_t;\n"
		"#undef NULL\n#define NULL ((void *)0)\n"
		"#undef offsetof\n"
		"#define offsetof(type, member) __builtin_offsetof(type, member)\n"
		"#endif\n"
		"#if defined(__need_wint_t) && !defined(__BPFTRACE_WINT_T)\n"
		"#define __BPFTRACE_WINT_T\ntypedef __WINT_TYPE__ wint_t;\n#endif\n"},
	{OWN_HEADERS "/stdarg.h", "#ifndef __BPFTRACE_STDARG_H\n#define __BPFTRACE_STDARG_H\n"
				  "typedef __builtin_va_list __gnuc_va_list;\n"
				  "typedef __builtin_va_list va_list;\n"
				  "#define va_start(list, last) __builtin_va_start(list, last)\n"
				  "#define va_end(list) __builtin_va_end(list)\n"
				  "#define va_arg(list, type) __builtin_va_arg(list, type)\n"
				  "#define va_copy(to, from) __builtin_va_copy(to, from)\n"
				  "#endif\n"},
	{OWN_HEADERS "/stdbool.h", "#ifndef __BPFTRACE_STDBOOL_H\n#define __BPFTRACE_STDBOOL_H\n"
				   "#define bool _Bool\n#define true 1\n#define false 0\n"
				   "#define __bool_true_false_are_defined 1\n#endif\n"},
	{OWN_HEADERS "/stdalign.h",
		"#define alignas _Alignas\n#define alignof _Alignof\n"
		"#define __alignas_is_defined 1\n#define __alignof_is_defined 1\n"},
	{OWN_HEADERS "/stdnoreturn.h", "#define noreturn _Noreturn\n"},
	{OWN_HEADERS "/limits.h",
		"#ifndef __BPFTRACE_LIMITS_H\n#define __BPFTRACE_LIMITS_H\n"
		"#define CHAR_BIT __CHAR_BIT__\n"
		"#define SCHAR_MAX __SCHAR_MAX__\n#define SCHAR_MIN (-__SCHAR_MAX__ - 1)\n"
		"#define UCHAR_MAX (__SCHAR_MAX__ * 2 + 1)\n"
		"#ifdef __CHAR_UNSIGNED__\n"
		"#define CHAR_MIN 0\n#define CHAR_MAX UCHAR_MAX\n#else\n"
		"#define CHAR_MIN SCHAR_MIN\n#define CHAR_MAX SCHAR_MAX\n#endif\n"
		"#define SHRT_MAX __SHRT_MAX__\n#define SHRT_MIN (-__SHRT_MAX__ - 1)\n"
		"#define USHRT_MAX (__SHRT_MAX__ * 2 + 1)\n"
		"#define INT_MAX __INT_MAX__\n#define INT_MIN (-__INT_MAX__ - 1)\n"
		"#define UINT_MAX (__INT_MAX__ * 2U + 1U)\n"
		"#define LONG_MAX __LONG_MAX__\n#define LONG_MIN (-__LONG_MAX__ - 1L)\n"
		"#define ULONG_MAX (__LONG_MAX__ * 2UL + 1UL)\n"
		"#define LLONG_MAX __LONG_LONG_MAX__\n"
		"#define LLONG_MIN (-__LONG_LONG_MAX__ - 1LL)\n"
		"#define ULLONG_MAX (__LONG_LONG_MAX__ * 2ULL + 1ULL)\n#endif\n"},
	{OWN_HEADERS "/float.h",
		"#define FLT_RADIX __FLT_RADIX__\n#define FLT_MAX __FLT_MAX__\n"
		"#define DBL_MAX __DBL_MAX__\n#define FLT_MIN __FLT_MIN__\n"
		"#define DBL_MIN __DBL_MIN__\n#define FLT_EPSILON __FLT_EPSILON__\n"
		"#define DBL_EPSILON __DBL_EPSILON__\n#define FLT_MANT_DIG __FLT_MANT_DIG__\n"
		"#define DBL_MANT_DIG __DBL_MANT_DIG__\n#define LDBL_MANT_DIG __LDBL_MANT_DIG__\n"
		"#define LDBL_MAX __LDBL_MAX__\n#define DBL_DIG __DBL_DIG__\n"
		"#define FLT_DIG __FLT_DIG__\n#define DBL_MAX_EXP __DBL_MAX_EXP__\n"},
	{OWN_HEADERS "/stdint.h",
		"#ifndef __BPFTRACE_STDINT_H\n#define __BPFTRACE_STDINT_H\n"
		"typedef __INT8_TYPE__ int8_t;\ntypedef __UINT8_TYPE__ uint8_t;\n"
		"typedef __INT16_TYPE__ int16_t;\ntypedef __UINT16_TYPE__ uint16_t;\n"
		"typedef __INT32_TYPE__ int32_t;\ntypedef __UINT32_TYPE__ uint32_t;\n"
		"typedef __INT64_TYPE__ int64_t;\ntypedef __UINT64_TYPE__ uint64_t;\n"
		"typedef __INTPTR_TYPE__ intptr_t;\ntypedef __UINTPTR_TYPE__ uintptr_t;\n"
		"typedef __INTMAX_TYPE__ intmax_t;\ntypedef __UINTMAX_TYPE__ uintmax_t;\n"
		"#define INT8_MAX __INT8_MAX__\n#define UINT8_MAX __UINT8_MAX__\n"
		"#define INT16_MAX __INT16_MAX__\n#define UINT16_MAX __UINT16_MAX__\n"
		"#define INT32_MAX __INT32_MAX__\n#define UINT32_MAX __UINT32_MAX__\n"
		"#define INT64_MAX __INT64_MAX__\n#define UINT64_MAX __UINT64_MAX__\n"
		"#define INT8_MIN (-INT8_MAX - 1)\n#define INT16_MIN (-INT16_MAX - 1)\n"
		"#define INT32_MIN (-INT32_MAX - 1)\n#define INT64_MIN (-INT64_MAX - 1)\n"
		"#define SIZE_MAX __SIZE_MAX__\n#define INTPTR_MAX __INTPTR_MAX__\n"
		"#define UINTPTR_MAX __UINTPTR_MAX__\n#endif\n"},
};

const size_t own_header_count = ARRAY_SIZE(own_headers);
