/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of BPF helpers. */
#pragma once

#include "emitter.h"

enum helper {
#define HELPER(NAME, number, reads, unsafe) HELPER_##NAME,
#include "bpftrace/door/helpers.def"
#undef HELPER
	NR_HELPERS,
};

/* The count and the list of arguments, as the functions below take them. */
#define HELPER_ARGS(...)                                                                           \
	((LLVMValueRef[]){__VA_ARGS__}), ARRAY_SIZE(((LLVMValueRef[]){__VA_ARGS__}))

/* What a report of -k contains: the map of the element (NULL: none) and what the failure means. */
struct helper_failure {
	const char *map;
	const char *means;
};

/* Calls a helper; returns its result as i64. -k reports that it failed, -kk also when it only
 * reads memory. */
LLVMValueRef helper_call(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);

/* The same of a helper that changes a map, with the failure to report. */
LLVMValueRef helper_change(struct emitter *e, enum helper helper, struct helper_failure failure,
	const LLVMValueRef *arguments, size_t count);

/* The same without a report. */
LLVMValueRef helper_call_quiet(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);

/* The same of a helper that returns a pointer. */
LLVMValueRef helper_call_pointer(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);

/* Reports from this level of -k on that element, the result of a lookup, is NULL. */
void helper_report_missing(
	struct emitter *e, int level, struct helper_failure failure, LLVMValueRef element);
