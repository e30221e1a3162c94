/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seeds DIRECTORY: writes the inputs that targets of binary and JSON formats start from, made by
 * the code that writes these formats: a folder per target, as tests/fuzz/corpus has it.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpftrace/door/bundle.h"
#include "tests/fuzz/compile.h"

static const char *const scripts[] = {
	"BEGIN { exit(); }",
	"BEGIN { @[1, \"ab\"] = count(); @h = hist(5); print(@); clear(@); @t = (1, \"a\"); }",
	"i:s:1 { printf(\"%d %s\", cpu, comm); @s = stats(2); @m[tid] = max(3); time(); }",
	"t:sched:sched_wakeup { @[str(args.comm)] = lhist(args.pid, 0, 100, 10); }",
};

static void write_seed(const char *target, size_t number, const void *data, size_t size)
{
	char path[64];

	mkdir(target, 0755);
	snprintf(path, sizeof(path), "%s/seed-%zu", target, number);

	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void write_json(const char *target, size_t number, const json_t *json)
{
	_cleanup_str_ struct str text = STR_INIT;

	json_append(json, &text);
	write_seed(target, number, text.data, text.length);
}

static void write_bundle(size_t number, const struct compilation *c, struct arena *arena)
{
	_cleanup_(bundle_deinit) struct bundle bundle = {};
	struct error *error = bundle_read(c->bundle, c->bundle_size, arena, &bundle);
	uint32_t size;

	require(!error);
	write_seed("bundle", number, c->bundle, c->bundle_size);
	write_seed("elf", number, c->bundle, c->bundle_size);

	const void *btf = btf__raw_data(types_btf(bundle.types), &size);
	_cleanup_json_ json_t *manifest = manifest_to_json(&bundle.manifest);

	write_seed("btf", number, btf, size);
	write_json("manifest", number, manifest);
}

static void write_seeds(size_t number, const char *script)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(request_deinit) struct request request =
		fuzz_request(&arena, (const uint8_t *)script, strlen(script), NULL);
	_cleanup_(compilation_deinit) struct compilation c = {};
	_cleanup_str_ struct str out = STR_INIT;
	_cleanup_json_ json_t *json = request_to_json(&request);
	struct error *error = compilation_init(&request, &arena, &diags, &c);

	require(!error);
	pipeline_run(&c, &out);
	require(!diags.errors);
	write_json("request", number, json);
	write_bundle(number, &c, &arena);
}

/* The kernel maps a small library into each process. */
static void write_vdso(void)
{
	const ElfW(Ehdr) *header = (const void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);

	if (header)
		write_seed("image", 0, header,
			header->e_shoff + (size_t)header->e_shnum * header->e_shentsize);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	mkdir(argv[1], 0755);
	require(chdir(argv[1]) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		write_seeds(i, scripts[i]);
	write_vdso();
	/* what LLVM holds is not freed */
	_exit(0);
}
