/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a file of kernel types (BPFTRACE_BTF): names, members, and each type copied. */
#include "tests/fuzz/fuzz.h"

#include <bpf/libbpf.h>

#include "libcommon/host/kbtf.h"
#include "libcommon/types/types.h"
#include "tests/fuzz/memory_file.h"

static void copy_all(struct kbtf *kbtf)
{
	_cleanup_types_ struct types *types = types_new(kbtf);
	const struct btf *btf;
	_cleanup_error_ struct error *error = kbtf_btf(kbtf, &btf);

	for (uint32_t id = 1; !error && id < btf__type_cnt(btf); id++) {
		_cleanup_str_ struct str text = STR_INIT;
		uint32_t type = types_complete(types, types_import(types, btf, id));

		types_spell(types, type, &text);
		require(types_align(types, type) > 0);
		for (uint32_t i = 0; i < types_member_count(types, type); i++)
			types_member_at(types, type, i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kbtf_member members[] = {{"task_struct", "thread_info"}, {"thread_info", "status"}};
	_cleanup_host_ struct host host = HOST_INIT;
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);

	libbpf_set_print(NULL);
	require(!error);

	struct kbtf *kbtf = kbtf_new(&host, path);

	kbtf_has_name(kbtf, "task_struct");
	error = kbtf_members(kbtf, members, ARRAY_SIZE(members));
	copy_all(kbtf);
	kbtf_free(kbtf);
	return 0;
}
