/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At a function's entry a return probe replaces the return address, on top of the stack or in a
 * register, with that of a trampoline, and restores it at the first return only. That breaks code
 * that is entered without a return address, returns to one several times, or reads its own.
 * Sources: kernel/events/uprobes.c and arch/x86/kernel/uprobes.c of the kernel, glibc, libgcc, the
 * Itanium C++ ABI for exceptions.
 */
#include "return_danger.h"

#define BEGINS    "the program begins there, without a return address"
#define RESTORES  "signal handlers return to it, so it has no return address"
#define IS_JUMPED "it is entered by a jump, without a return address on top of the stack"
#define IS_COLD   "it is a part of a function that is entered by a jump, without a return address"
#define IS_INSIDE "it is inside a function, where the top of the stack is no return address"
#define SAVES     "it saves its return address, to return there more than once or on another stack"
#define UNWINDS   "exceptions find their handlers by return addresses"
#define READS     "it reads its return address"

static const struct {
	const char *pattern; /* of a symbol, or of what it is in C++ */
	const char *reason;
} dangers[] = {
	{"_start", BEGINS},
	{"__start", BEGINS},
	{"_dlstart", BEGINS},
	{"_dl_start_user", BEGINS},
	{"__start_context", BEGINS},
	{"__restore", RESTORES},
	{"__restore_rt", RESTORES},
	{"__default_sa_restorer*", RESTORES},
	{"__default_rt_sa_restorer*", RESTORES},
	{"__kernel_sigreturn", RESTORES},
	{"__kernel_rt_sigreturn", RESTORES},
	{"_dl_runtime_resolve*", IS_JUMPED},
	{"_dl_runtime_profile*", IS_JUMPED},
	{"_dl_tlsdesc_resolve_*", IS_JUMPED},
	{"*.cold", IS_COLD},
	{"*.cold.*", IS_COLD},
	{"*[clone .cold*", IS_COLD},
	{"*.__part.*", IS_COLD},
	{"*[clone .__part.*", IS_COLD},
	{"setjmp", SAVES},
	{"_setjmp", SAVES},
	{"__setjmp", SAVES},
	{"___setjmp", SAVES},
	{"*sigsetjmp", SAVES},
	{"getcontext", SAVES},
	{"__getcontext", SAVES},
	{"swapcontext", SAVES},
	{"__swapcontext", SAVES},
	{"jump_fcontext", SAVES},
	{"ontop_fcontext", SAVES},
	{"coroutine_transfer", SAVES},
	{"_Unwind_RaiseException", UNWINDS},
	{"_Unwind_Resume", UNWINDS},
	{"_Unwind_Resume_or_Rethrow", UNWINDS},
	{"_Unwind_ForcedUnwind", UNWINDS},
	{"__cxa_throw*", UNWINDS},
	{"__cxa_rethrow*", UNWINDS},
	{"__cxa_bad_*", UNWINDS},
	{"_ZSt*__throw_*", UNWINDS},
	{"std::__throw_*", UNWINDS},
	{"_ZSt17rethrow_exception*", UNWINDS},
	{"std::rethrow_exception(*", UNWINDS},
	{"rust_panic", UNWINDS},
	{"rust_begin_unwind", UNWINDS},
	{"__rust_start_panic", UNWINDS},
	{"__x86.get_pc_thunk.*", READS},
	{"__i686.get_pc_thunk.*", READS},
	{"__morestack*", READS},
};

const char *return_danger(
	const struct probe_world *world, struct elf *elf, const struct function *function)
{
	uint64_t entry;

	if (world->unsafe)
		return NULL;
	if (elf_entry(elf, &entry) && entry == function->address)
		return BEGINS;
	if (function->function_offset)
		return IS_INSIDE;
	for (size_t i = 0; i < ARRAY_SIZE(dangers) && function->name; i++) {
		if (spec_wildcard(dangers[i].pattern, function->name))
			return dangers[i].reason;
	}
	return NULL;
}
