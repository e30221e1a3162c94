/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of modules are split BTF: their ids continue those of the kernel.
 *
 * Source: Documentation/ABI/testing/sysfs-kernel-btf of the kernel; libbpf's btf.h.
 */
#include "source.h"

#include <errno.h>

#include "libcommon/host/btf_check.h"
#include "libcommon/host/kbtf.h"

static void cleanup_btf(struct btf **btf)
{
	btf__free(*btf);
}

void sources_deinit(struct sources *sources)
{
	struct source *source;

	vec_for_each (&sources->items, source) {
		declarator_deinit(&source->declarator);
		btf__free(source->own);
	}
	vec_deinit(&sources->items);
}

struct error *sources_add_kernel(struct sources *sources, struct kbtf *kbtf)
{
	const struct btf *btf;
	struct error *error = kbtf_btf(kbtf, &btf);

	if (!error)
		vec_push(&sources->items,
			((struct source){
				.btf = btf, .first = 1, .declarator = declarator_make(btf)}));
	return error;
}

void sources_add_modules(struct sources *sources, struct kbtf *kbtf)
{
	const struct btf *kernel, *btf;
	const char **name;

	if (sources->items.count == 0)
		return;
	kernel = sources->items.items[0].btf;
	vec_for_each (kbtf_modules(kbtf), name) {
		_cleanup_error_ struct error *error = kbtf_module(kbtf, *name, &btf);

		if (!error)
			vec_push(&sources->items, ((struct source){.module = *name,
							  .btf = btf,
							  .first = btf__type_cnt(kernel),
							  .declarator = declarator_make(btf)}));
	}
}

struct error *sources_add_file(struct sources *sources, const char *path, struct kbtf *kbtf)
{
	_cleanup_(cleanup_btf) struct btf *btf = btf__parse(path, NULL);
	const struct btf *kernel = NULL;
	int failed = errno;
	struct error *error = NULL;

	if (!btf && failed == EINVAL && !(error = kbtf_btf(kbtf, &kernel)))
		btf = btf__parse_split(path, (struct btf *)kernel);
	error_free(error);
	if (!btf && (failed == ENOENT || failed == EACCES || failed == EISDIR))
		return error_system(failed, "%s", path);
	if (!btf)
		return error_new(failed, "%s: no types (BTF) in this file", path);
	error = btf_check(btf);
	if (error)
		return error_prefix(error, "%s: bad BTF", path);
	vec_push(&sources->items, ((struct source){.own = btf,
					  .btf = btf,
					  .first = kernel ? btf__type_cnt(kernel) : 1,
					  .declarator = declarator_make(btf)}));
	btf = NULL;
	return NULL;
}
