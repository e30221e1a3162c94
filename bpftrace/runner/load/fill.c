/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state is the variable "state" of the section .bss, which libbpf makes an array of one element
 * that can be mapped. Where the variable stands in it is read off the object's BTF; a bundle is
 * untrusted input, so its size is checked.
 */
#include "fill.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/door/stack.h"
#include "bpftrace/runner/attach/pid_namespace.h"
#include "bpftrace/runner/data/clock.h"
#include "bpftrace/runner/data/wallclock.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/feature.h"
#include "libcommon/symbols/kallsyms.h"
#include "symbol_lookup.h"
#include "task_layout.h"

enum {
	DATA_RING_LEAST = 4 << 20, /* bytes: what a million small records a second fill in 0.1 s */
	CONTROL_RING = 256 << 10,
	STACKS_ALLOCATED = 8192, /* 9 MB of the largest */
};

static uint32_t power_of_two(uint64_t least)
{
	uint32_t size = 1U << 12;

	while (size < least && size < 1U << 30)
		size <<= 1;
	return size;
}

static struct error *set_size(struct traced *traced, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(traced->object, name);

	if (map && bpf_map__set_max_entries(map, entries) != 0)
		return error_system(errno, "cannot set the size of %s", name);
	return NULL;
}

static bool uses_ring(const struct traced *traced, enum ring_kind ring)
{
	const struct manifest_site *site;

	vec_for_each (&traced->bundle.manifest.sites, site) {
		if (action_descs[site->action].ring == ring)
			return true;
	}
	return false;
}

/* In bytes. A script that sends no data has a ring too, but nothing comes through it. */
static uint32_t data_ring_size(const struct traced *traced, uint64_t page, unsigned cpus)
{
	uint64_t asked = traced->bundle.manifest.settings.perf_rb_pages * page * cpus;

	return power_of_two(uses_ring(traced, RING_DATA) ? MAX(asked, DATA_RING_LEAST) : page);
}

/* The map of a section of variables: libbpf calls it by the section's name, or by the object's and
 * that; NULL when there is none. */
static struct bpf_map *find_variables(const struct traced *traced, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, traced->object) {
		const char *name = bpf_map__name(map);
		size_t length = strlen(name), suffix = strlen(section);

		if (bpf_map__is_internal(map) && length >= suffix &&
			strcmp(name + length - suffix, section) == 0)
			return map;
	}
	return NULL;
}

static bool shows_processes(const struct types *types)
{
	const struct btf *btf = types_btf(types);

	return btf__find_by_name_kind(btf, meaning_name(MEANING_USTACK), BTF_KIND_TYPEDEF) > 0 ||
	       btf__find_by_name_kind(btf, meaning_name(MEANING_USYM), BTF_KIND_TYPEDEF) > 0;
}

/* Without the kernel's types, stacks of what a process executed before and after are one. */
static void find_task_layout(
	struct traced *traced, const struct host *host, const char *btf, uint64_t features)
{
	_cleanup_error_ struct error *error =
		shows_processes(traced->bundle.types)
			? task_layout_find(host, btf, features, &traced->constants)
			: NULL;

	if (error)
		log_verbose(
			"stacks before and after an exec may be taken for one: %s", error->message);
}

/* The coarse clocks advance by a tick. */
static uint64_t ticks_per_second(void)
{
	enum { SECOND = 1000000000 };
	struct timespec tick = {};

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return tick.tv_nsec ? (SECOND + (uint64_t)tick.tv_nsec / 2) / (uint64_t)tick.tv_nsec : 0;
}

static uint64_t wall_offset(void)
{
	struct timespec boot = wallclock_at(0);

	return (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec;
}

/* A failure is only a warning, since the script may not depend on the numbers. */
void fill_constants(struct traced *traced, const struct tracee *tracee, const struct host *host,
	const char *btf, uint64_t features)
{
	struct constants *constants = &traced->constants;
	_cleanup_error_ struct error *error =
		pid_namespace_find(host, btf, traced->bundle.types, constants);

	if (error)
		log_warning(
			"process IDs are those of the initial pid namespace: %s", error->message);
	constants->pid = (uint64_t)tracee->pid;
	constants->cpid = (uint64_t)tracee->command_pid;
	constants->cpus = (uint64_t)MAX(libbpf_num_possible_cpus(), 0);
	constants->hz = ticks_per_second();
	constants->wall_offset = wall_offset();
	find_task_layout(traced, host, btf, features);
}

/* Bundles whose code reads none of them have no such map. */
static struct error *set_constants(const struct traced *traced)
{
	struct bpf_map *map = find_variables(traced, SECTION_CONSTANTS);
	const struct constants *constants = &traced->constants;

	if (map && bpf_map__set_initial_value(map, constants, sizeof(*constants)) != 0)
		return error_new(EINVAL, "the bundle has constants of another size");
	return NULL;
}

/* Writes the values that the command line gives. */
static struct error *encode_options(const struct traced *traced, char *bytes, size_t size)
{
	const script_options *options = &traced->bundle.manifest.options;

	for (size_t i = 0; i < options->count; i++) {
		const struct script_option *option = &options->items[i];
		const char *value = traced->arguments.values.items[i];
		struct error *error = NULL;

		if (option->offset > size || option->size > size - option->offset)
			return error_new(EINVAL, "the bundle has options of another size");
		if (value)
			error = script_option_encode(option, value, bytes + option->offset);
		if (error)
			return error;
	}
	return NULL;
}

/* Bundles have the defaults. */
static struct error *set_options(const struct traced *traced)
{
	struct bpf_map *map = find_variables(traced, SECTION_OPTIONS);
	size_t size = 0;
	const void *presets = map ? bpf_map__initial_value(map, &size) : NULL;

	if (!presets)
		return NULL;

	_cleanup_free_ char *bytes = xcalloc(1, size);
	struct error *error;

	memcpy(bytes, presets, size);
	error = encode_options(traced, bytes, size);
	if (!error && bpf_map__set_initial_value(map, bytes, size) != 0)
		error = error_new(EINVAL, "the bundle has options of another size");
	return error;
}

/* Where the kernel's image has the variables of CPUs: their symbols are offsets from there on. */
struct per_cpu_range {
	uint64_t start, end;
};

static struct per_cpu_range find_per_cpu(const struct kallsyms *symbols)
{
	struct per_cpu_range range = {};

	if (!kallsyms_address(symbols, NULL, "__per_cpu_start", &range.start) ||
		!kallsyms_address(symbols, NULL, "__per_cpu_end", &range.end))
		return (struct per_cpu_range){};
	return range;
}

static bool is_offset(const struct per_cpu_range *range, uint64_t address)
{
	return address >= range->start && address < range->end;
}

/* What programs do with an address must be what it is. */
static struct error *check_address(
	const struct per_cpu_range *range, const struct manifest_address *address, uint64_t value)
{
	if (address->per_cpu && range->end && !is_offset(range, value))
		return error_new(EINVAL, "percpu_kaddr: %s is no per-CPU variable, use kaddr",
			address->name);
	if (!address->per_cpu && is_offset(range, value))
		log_warning("kaddr(\"%s\") is an offset, each CPU has a variable of its own: "
			    "percpu_kaddr(\"%s\") is its address",
			address->name, address->name);
	return NULL;
}

/* Shows the call of the symbol. */
static struct error *address_missing(const struct manifest *manifest,
	const struct kallsyms *symbols, const struct manifest_address *address)
{
	uint64_t offsets;
	bool has_variables = kallsyms_address(symbols, NULL, "__per_cpu_offset", &offsets);
	const char *reason = has_variables      ? ""
			     : address->per_cpu ? ": "
						: ": if it is a variable, ";
	_cleanup_str_ struct str message = STR_INIT, shown = STR_INIT;

	str_printf(&message, "Failed to resolve kernel symbol: %s%s%s", address->name, reason,
		*reason ? "the kernel does not list its variables, it is built without "
			  "CONFIG_KALLSYMS_ALL"
			: "");
	manifest_show(manifest, address->span, str_text(&message), NULL, &shown);
	fputs(str_text(&shown), stderr);
	return error_new(ECANCELED, "a symbol of the kernel is not known");
}

static struct error *find_addresses(
	const struct manifest *manifest, const struct kallsyms *symbols, uint64_t *ret)
{
	const struct per_cpu_range range = find_per_cpu(symbols);
	const struct manifest_address *address;
	struct error *error = NULL;

	vec_for_each (&manifest->addresses, address) {
		bool found = kallsyms_address(symbols, NULL, address->name, ret);

		if (!found && !address->is_optional)
			return address_missing(manifest, symbols, address);
		if (found)
			error = check_address(&range, address, *ret);
		if (error)
			return error;
		ret++;
	}
	return NULL;
}

static struct error *read_kallsyms(const struct host *host, struct kallsyms **ret)
{
	_cleanup_close_ int fd = -1;
	struct error *error = host_open(host, "/proc/kallsyms", O_RDONLY, &fd);

	if (!error)
		error = kallsyms_read(fd, ret);
	return error ? error_prefix(error, "kaddr") : NULL;
}

static bool are_optional(const struct manifest *manifest)
{
	const struct manifest_address *address;

	vec_for_each (&manifest->addresses, address) {
		if (!address->is_optional)
			return false;
	}
	return true;
}

static bool look_up(const struct manifest *manifest, uint64_t *ret)
{
	const struct manifest_address *address;
	VEC(const char *) names = {};
	bool is_done;

	vec_for_each (&manifest->addresses, address)
		vec_push(&names, address->name);
	is_done = symbol_lookup(names.items, names.count, ret);
	vec_deinit(&names);
	return is_done;
}

/* Optional ones alone may be missing: they are not checked, and no symbols are read if the kernel
 * looks them up. */
static struct error *find_all(
	const struct manifest *manifest, const struct host *host, uint64_t *ret)
{
	bool is_optional = are_optional(manifest);
	struct kallsyms *symbols = NULL;
	struct error *error;

	if (is_optional && look_up(manifest, ret))
		return NULL;
	error = read_kallsyms(host, &symbols);
	if (error && is_optional)
		return error_free(error), NULL;
	if (!error)
		error = find_addresses(manifest, symbols, ret);
	kallsyms_free(symbols);
	return error;
}

/* Symbols are looked for only for scripts that need addresses. */
static struct error *set_addresses(const struct traced *traced, const struct host *host)
{
	const struct manifest *manifest = &traced->bundle.manifest;
	struct bpf_map *map = find_variables(traced, SECTION_ADDRESSES);
	size_t count = manifest->addresses.count;

	if (!map || !count)
		return NULL;

	_cleanup_free_ uint64_t *addresses = xcalloc(count, sizeof(*addresses));
	struct error *error = find_all(manifest, host, addresses);

	if (!error && bpf_map__set_initial_value(map, addresses, count * sizeof(*addresses)) != 0)
		error = error_new(EINVAL, "the bundle has addresses of another size");
	return error;
}

/* Where the kernel can allocate elements of maps in any program, stacks take memory as they come;
 * where not, memory for all of them is allocated now. */
static struct error *set_stacks(struct traced *traced, uint64_t features)
{
	struct bpf_map *map = bpf_object__find_map_by_name(traced->object, MAP_STACKS);
	bool can_allocate = features & FEATURE_BIT(FEATURE_MAP_ALLOCATOR);
	uint32_t entries = map ? bpf_map__max_entries(map) : 0;

	if (!map)
		return NULL;
	if (can_allocate && bpf_map__set_map_flags(map, BPF_F_NO_PREALLOC) != 0)
		return error_system(errno, "cannot set the flags of %s", MAP_STACKS);
	if (!can_allocate && entries == settings_default().max_stacks)
		return set_size(traced, MAP_STACKS, STACKS_ALLOCATED);
	return NULL;
}

struct error *fill_object(struct traced *traced, const struct host *host, uint64_t features)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	/* libbpf caches the result, for calls when no file may be opened any more. */
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return error_system(-cpus, "cannot determine the number of possible CPUs");
	struct error *error =
		set_size(traced, MAP_DATA_RING, data_ring_size(traced, page, (unsigned)cpus));

	if (!error)
		error = set_size(traced, MAP_CONTROL_RING, power_of_two(MAX(page, CONTROL_RING)));
	if (!error)
		error = set_size(traced, MAP_PACKETS, (unsigned)cpus);
	if (!error)
		error = set_size(traced, MAP_SCRATCH, (unsigned)cpus * SCRATCH_LEVELS);
	if (!error)
		error = set_stacks(traced, features);
	if (!error)
		error = set_constants(traced);
	if (!error)
		error = set_options(traced);
	if (!error)
		error = set_addresses(traced, host);
	return error;
}

/* Where the variable stands in .bss; false when it is not there whole. */
static bool find_state(const struct traced *traced, size_t *ret_offset)
{
	const struct btf *btf = types_btf(traced->bundle.types);
	int32_t id = btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC);
	const struct btf_type *section = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	size_t size = sizeof(struct state) +
		      traced->bundle.manifest.maps.count * sizeof(struct state_map);

	if (!section)
		return false;
	for (uint32_t i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *entry = btf_var_secinfos(section) + i;
		const struct btf_type *variable = btf__type_by_id(btf, entry->type);
		const char *name = btf__name_by_offset(btf, variable->name_off);

		if (!name || strcmp(name, "state") != 0)
			continue;
		*ret_offset = entry->offset;
		return entry->size >= size && entry->offset % sizeof(uint64_t) == 0;
	}
	return false;
}

static struct error *map_state(struct traced *traced)
{
	const struct bpf_map *bss = find_variables(traced, ".bss");
	size_t offset = 0;

	if (!bss || !find_state(traced, &offset))
		return error_new(EINVAL, "the bundle has no state");

	size_t size = bpf_map__value_size(bss);
	size_t needed = offset + sizeof(struct state) +
			traced->bundle.manifest.maps.count * sizeof(struct state_map);

	if (size < needed)
		return error_new(EINVAL, "the state of the bundle is too short");

	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);

	if (data == MAP_FAILED)
		return error_system(errno, "cannot map the state");
	traced->state = (volatile struct state *)(void *)((char *)data + offset);
	return NULL;
}

/* -1 for a ring that no site uses, which is then not mapped. */
static int ring_fd(const struct traced *traced, enum ring_kind ring, const char *name)
{
	if (!uses_ring(traced, ring))
		return -1;
	const struct bpf_map *map = bpf_object__find_map_by_name(traced->object, name);

	return map && bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF ? bpf_map__fd(map) : -1;
}

struct error *fill_state(struct traced *traced)
{
	struct error *error = map_state(traced);

	if (error)
		return error;
	traced->data_ring_fd = ring_fd(traced, RING_DATA, MAP_DATA_RING);
	traced->control_ring_fd = ring_fd(traced, RING_CONTROL, MAP_CONTROL_RING);
	return NULL;
}

void fill_start(struct traced *traced)
{
	traced->state->tai_offset = clock_tai_offset();
	traced->state->start = clock_read(CLOCK_BOOTTIME);
}
