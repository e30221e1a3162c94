/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a request; what is accepted can be written and read again. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/door/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(request_deinit) struct request request = request_init(), again = request_init();
	_cleanup_json_ json_t *json = NULL, *written = NULL;
	_cleanup_error_ struct error *error = json_parse(data, size, &json);

	if (!error)
		error = request_from_json(json, &arena, &request);
	if (error) {
		require(error->message[0]);
		return 0;
	}
	written = request_to_json(&request);
	error = request_from_json(written, &arena, &again);
	require(!error);
	require(again.length == request.length);
	require(memcmp(again.text, request.text, request.length) == 0);
	require(again.parameters.count == request.parameters.count);
	return 0;
}
