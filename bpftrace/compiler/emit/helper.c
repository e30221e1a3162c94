/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of BPF helpers. A helper is called through its number as an address, which is what the BPF
 * target takes for "call helper N". With -k a failing helper is reported to user space with the
 * position of the code that called it, with -kk also one that only reads memory.
 */
#include <errno.h>
#include <string.h>

#include "helper.h"
#include "ir.h"
#include "record.h"

static const struct {
	const char *name;
	uint32_t number;
	bool reads;
} helpers[] = {
#define HELPER(NAME, number, reads, unsafe) {#NAME, number, reads},
#include "bpftrace/door/helpers.def"
#undef HELPER
};
TABLE_COMPLETE(helpers, NR_HELPERS);

static bool returns_errors(enum helper helper)
{
	switch (helper) {
	case HELPER_map_update_elem:
	case HELPER_map_delete_elem:
	case HELPER_send_signal:
	case HELPER_send_signal_thread:
	case HELPER_probe_write_user:
	case HELPER_override_return: return true;
	default: return helpers[helper].reads;
	}
}

/* The operations of maps return an int; kernels before 6.4 call them in the helper's place, and
 * then the upper half of the register is undefined. */
static bool returns_int(enum helper helper)
{
	return helper == HELPER_map_update_elem || helper == HELPER_map_delete_elem ||
	       helper == HELPER_loop;
}

/* EEXIST and ENOENT of an update are no failures: another CPU was first. */
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

/* The consequence of a failure for the script. */
static struct helper_failure failure_of(enum helper helper)
{
	switch (helper) {
	case HELPER_send_signal:
	case HELPER_send_signal_thread:
		return (struct helper_failure){.means = "no signal was sent"};
	case HELPER_probe_write_user:
		return (struct helper_failure){.means = "the memory was not written"};
	case HELPER_override_return:
		return (struct helper_failure){.means = "the function was not overridden"};
	case HELPER_d_path: return (struct helper_failure){.means = "the path is empty"};
	case HELPER_probe_read_str:
	case HELPER_probe_read_user_str:
		return (struct helper_failure){
			.means = "the memory at this address cannot be read, the string is empty"};
	default:
		return (struct helper_failure){
			.means = "the memory at this address cannot be read, it was read as zeros"};
	}
}

static void report(struct emitter *e, enum helper helper, LLVMValueRef failed,
	struct helper_failure failure, LLVMValueRef result)
{
	LLVMBasicBlockRef after = ir_guard(e, failed, "helper_failed");

	record_helper_error(e, helpers[helper].name, failure, result);
	ir_jump(e, after);
	ir_begin(e, after);
}

static void report_failure(
	struct emitter *e, enum helper helper, struct helper_failure failure, LLVMValueRef result)
{
	int level = helpers[helper].reads ? 2 : 1;

	if (e->c->request->helper_errors >= level && returns_errors(helper))
		report(e, helper, has_failed(e, helper, result), failure, result);
}

/* Whether the result is constant during a run of the program: LLVM may merge such calls. */
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

	report_failure(e, helper, failure_of(helper), result);
	return result;
}

LLVMValueRef helper_change(struct emitter *e, enum helper helper, struct helper_failure failure,
	const LLVMValueRef *arguments, size_t count)
{
	LLVMValueRef result = helper_call_quiet(e, helper, arguments, count);

	report_failure(e, helper, failure, result);
	return result;
}

void helper_report_missing(
	struct emitter *e, int level, struct helper_failure failure, LLVMValueRef element)
{
	if (e->c->request->helper_errors >= level)
		report(e, HELPER_map_lookup_elem, ir_is_null(e, element), failure, ir_const(e, 0));
}

LLVMValueRef helper_call_pointer(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count)
{
	return call(e, helper, e->pointer, arguments, count);
}
