/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include "libcommon/host/host.h"
#include "process/compile.h"

struct error *ask_compiler(
	const struct request *request, struct arena *arena, const void **ret_data, size_t *ret_size)
{
	_cleanup_host_ struct host host = HOST_INIT;
	struct broker broker = {.host = &host, .arena = arena};
	struct compile compile = COMPILE_INIT;
	struct error *error = host_open_root("/", &host);

	if (!error)
		error = compile_start(&compile);
	if (!error)
		error = compile_ask(&compile, request);
	if (!error)
		error = compile_finish(&compile, &broker, ret_data, ret_size);
	compile_abandon(&compile);
	broker_deinit(&broker);
	return error;
}
