/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a command line, as -c takes it. Splitting invents no bytes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/runner/process/tracee.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	char *command = arena_alloc(&arena, size + 1);
	tracee_words words = {};
	size_t total = 0;
	char **word;

	memcpy(command, data, size);
	command[size] = '\0';

	_cleanup_error_ struct error *error = tracee_split(command, &arena, &words);

	require(error ? error->message[0] && words.count == 0 : words.count > 0);
	vec_for_each (&words, word)
		total += strlen(*word);
	require(total <= size);
	vec_deinit(&words);
	return 0;
}
