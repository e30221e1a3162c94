/* SPDX-License-Identifier: Apache-2.0 */
#include "libclang.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Another major version would bring another LLVM into the process. Debian's names come first. */
static void *open_library(void)
{
	static const char *const names[] = {
		"libclang-" LLVM_MAJOR ".so.1",
		"libclang-" LLVM_MAJOR ".so." LLVM_MAJOR,
		"libclang.so." LLVM_MAJOR ".1",
		"libclang.so." LLVM_MAJOR,
		LLVM_LIBDIR "/libclang.so." LLVM_MAJOR ".1",
		LLVM_LIBDIR "/libclang.so." LLVM_MAJOR,
		LLVM_LIBDIR "/libclang-" LLVM_MAJOR ".so.1",
	};
	void *library = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define FUNCTION(name) {"clang_" #name, offsetof(struct libclang, name)},
	LIBCLANG_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

/* The name of the first function that the library lacks, or NULL. */
static const char *find_functions(void *library, struct libclang *clang)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return functions[i].name;
		memcpy((char *)clang + functions[i].offset, &function, sizeof(function));
	}
	return NULL;
}

const char *libclang_package(void)
{
	return "libclang1-" LLVM_MAJOR;
}

struct error *libclang_load(const struct libclang **ret)
{
	static struct libclang clang;
	static bool is_loaded;

	if (!is_loaded) {
		/* The confined process starts none. */
		setenv("LIBCLANG_NOTHREADS", "1", 1);
		/* It would take the signals of guard.c. */
		setenv("LIBCLANG_DISABLE_CRASH_RECOVERY", "1", 1);

		void *library = open_library();

		if (!library)
			return error_new(ENOENT, "this needs the C compiler libclang " LLVM_MAJOR
						 ", which is not installed");

		const char *missing = find_functions(library, &clang);

		if (missing)
			return error_new(
				ENOSYS, "libclang " LLVM_MAJOR " has no function %s", missing);
		clang.toggleCrashRecovery(0);
		is_loaded = true;
	}
	*ret = &clang;
	return NULL;
}
