/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of BPF helpers. A helper is called through its number as an address, which is what the BPF
 * target takes for "call helper N". With -k a failing helper is reported to user space with the
 * position of the code that called it, with -kk also one that only reads memory.
 */
#include <errno.h>
#include <string.h>

#include "ir.h"

static const struct {
	const char *name;
	uint32_t number;
	bool reads;
} helpers[] = {
#define HELPER(NAME, number, reads) {#NAME, number, reads},
#include "helpers.def"
#undef HELPER
};
TABLE_COMPLETE(helpers, NR_HELPERS);

static bool returns_errors(enum helper helper)
{
	switch (helper) {
	case HELPER_map_update_elem:
	case HELPER_map_delete_elem:
	case HELPER_send_signal:
	case HELPER_override_return: return true;
	default: return helpers[helper].reads;
	}
}

/* The operations of maps return an int; kernels before 6.4 call them in the helper's place, and
 * then the upper half of the register says nothing. */
static bool returns_int(enum helper helper)
{
	return helper == HELPER_map_update_elem || helper == HELPER_map_delete_elem ||
	       helper == HELPER_loop;
}

/* That an update found an element where none was to be, or none where one was to be, is no failure:
 * another CPU was first. */
static LLVMValueRef has_failed(struct emitter *e, enum helper helper, LLVMValueRef result)
{
	LLVMValueRef failed = ir_compare(e, LLVMIntSLT, result, ir_const(e, 0));
	if (helper != HELPER_map_update_elem)
		return failed;
	LLVMValueRef exists = ir_const(e, (uint64_t)-EEXIST),
		     is_gone = ir_const(e, (uint64_t)-ENOENT);
	failed = LLVMBuildAnd(e->builder, failed, ir_compare(e, LLVMIntNE, result, exists), "");
	return LLVMBuildAnd(e->builder, failed, ir_compare(e, LLVMIntNE, result, is_gone), "");
}

static void report_failure(struct emitter *e, enum helper helper, LLVMValueRef result)
{
	const struct request *request = e->c->request;
	if (request->helper_errors < (helpers[helper].reads ? 2 : 1) || !returns_errors(helper))
		return;

	LLVMValueRef failed = has_failed(e, helper, result);
	LLVMBasicBlockRef after = ir_guard(e, failed, "helper_failed");
	record_helper_error(e, helpers[helper].name, result);
	ir_jump(e, after);
	ir_begin(e, after);
}

/* The same answer all through a program's run: LLVM may ask once instead of several times. */
static bool is_steady(enum helper helper)
{
	switch (helper) {
	case HELPER_get_current_pid_tgid:
	case HELPER_get_current_uid_gid:
	case HELPER_get_current_task:
	case HELPER_get_current_cgroup_id:
	case HELPER_get_attach_cookie: return true;
	default: return false;
	}
}

/* "memory" with the value 0 is: touches none. */
static void mark_steady(struct emitter *e, LLVMValueRef call)
{
	static const char *const attributes[] = {"memory", "nounwind", "willreturn"};
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		unsigned kind =
			LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
		LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex,
			LLVMCreateEnumAttribute(e->llvm, kind, 0));
	}
}

static LLVMValueRef call(struct emitter *e, enum helper helper, LLVMTypeRef result,
	const LLVMValueRef *arguments, size_t count)
{
	LLVMTypeRef types[5];
	for (size_t i = 0; i < count; i++)
		types[i] = LLVMTypeOf(arguments[i]);
	LLVMTypeRef type = LLVMFunctionType(result, types, count, false);
	LLVMValueRef address = LLVMConstIntToPtr(ir_const(e, helpers[helper].number), e->pointer);
	LLVMValueRef call =
		LLVMBuildCall2(e->builder, type, address, (LLVMValueRef *)arguments, count, "");
	if (is_steady(helper))
		mark_steady(e, call);
	return call;
}

LLVMValueRef helper_call_quiet(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count)
{
	if (!returns_int(helper))
		return call(e, helper, e->i64, arguments, count);
	LLVMValueRef result = call(e, helper, e->i32, arguments, count);
	return LLVMBuildSExt(e->builder, result, e->i64, "");
}

LLVMValueRef helper_call(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count)
{
	LLVMValueRef result = helper_call_quiet(e, helper, arguments, count);
	report_failure(e, helper, result);
	return result;
}

LLVMValueRef helper_call_pointer(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count)
{
	return call(e, helper, e->pointer, arguments, count);
}
