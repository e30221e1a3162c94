/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state is the variable "state" of the section .bss, which libbpf makes an array of one element
 * that can be mapped. Where the variable stands in it is read off the object's BTF; a bundle is
 * hostile input, so nothing about its size is believed.
 */
#include "fill.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"

enum {
	DATA_RING_LEAST = 4 << 20, /* bytes: what a million small records a second fill in 0.1 s */
	CONTROL_RING = 256 << 10,
};

static uint32_t power_of_two(uint64_t least)
{
	uint32_t size = 1U << 12;

	while (size < least && size < 1U << 30)
		size <<= 1;
	return size;
}

static struct error *set_size(struct session *session, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(session->object, name);

	if (map && bpf_map__set_max_entries(map, entries) != 0)
		return error_system(errno, "cannot set the size of %s", name);
	return NULL;
}

static bool uses_ring(const struct session *session, enum ring_kind ring)
{
	const struct manifest_site *site;

	vec_for_each (&session->bundle.manifest.sites, site) {
		if (action_rows[site->action].ring == ring)
			return true;
	}
	return false;
}

/* In bytes. A script that sends no data has a ring too, but nothing comes through it. */
static uint32_t data_ring_size(const struct session *session, uint64_t page, unsigned cpus)
{
	uint64_t asked = session->bundle.manifest.settings.perf_rb_pages * page * cpus;

	return power_of_two(uses_ring(session, RING_DATA) ? MAX(asked, DATA_RING_LEAST) : page);
}

struct error *fill_sizes(struct session *session)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	/* libbpf keeps the answer, which is needed again when no file may be opened any more. */
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return error_system(-cpus, "cannot tell how many CPUs there can be");
	struct error *error =
		set_size(session, MAP_DATA_RING, data_ring_size(session, page, (unsigned)cpus));

	if (!error)
		error = set_size(session, MAP_CONTROL_RING, power_of_two(MAX(page, CONTROL_RING)));
	if (!error)
		error = set_size(session, MAP_PACKETS, (unsigned)cpus);
	if (!error)
		error = set_size(session, MAP_SCRATCH, (unsigned)cpus * SCRATCH_LEVELS);
	return error;
}

/* Where the variable stands in .bss; false when it is not there whole. */
static bool find_state(const struct session *session, size_t *ret_offset)
{
	const struct btf *btf = types_btf(session->bundle.types);
	int32_t id = btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC);
	const struct btf_type *section = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	size_t size = sizeof(struct state) +
		      session->bundle.manifest.maps.count * sizeof(struct state_map);

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

static const struct bpf_map *find_bss(const struct session *session)
{
	const struct bpf_map *map;

	bpf_object__for_each_map (map, session->object) {
		const char *dot = strrchr(bpf_map__name(map), '.');

		if (bpf_map__is_internal(map) && dot && strcmp(dot, ".bss") == 0)
			return map;
	}
	return NULL;
}

static struct error *map_state(struct session *session)
{
	const struct bpf_map *bss = find_bss(session);
	size_t offset = 0;

	if (!bss || !find_state(session, &offset))
		return error_new(EINVAL, "the bundle has no state");

	size_t size = bpf_map__value_size(bss);
	size_t needed = offset + sizeof(struct state) +
			session->bundle.manifest.maps.count * sizeof(struct state_map);

	if (size < needed)
		return error_new(EINVAL, "the state of the bundle is too short");

	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);

	if (data == MAP_FAILED)
		return error_system(errno, "cannot map the state");
	session->state = (volatile struct state *)(void *)((char *)data + offset);
	return NULL;
}

/* -1 when nothing is sent through it, so that nobody maps it either. */
static int ring_fd(const struct session *session, enum ring_kind ring, const char *name)
{
	if (!uses_ring(session, ring))
		return -1;
	const struct bpf_map *map = bpf_object__find_map_by_name(session->object, name);

	return map && bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF ? bpf_map__fd(map) : -1;
}

struct error *fill_state(struct session *session)
{
	struct error *error = map_state(session);

	if (error)
		return error;
	session->state->pid = (uint64_t)session_process(session);
	session->state->cpid = (uint64_t)session->child_pid;
	session->data_ring_fd = ring_fd(session, RING_DATA, MAP_DATA_RING);
	session->control_ring_fd = ring_fd(session, RING_CONTROL, MAP_CONTROL_RING);
	return NULL;
}

void fill_start(struct session *session)
{
	session->state->tai_offset = clock_tai_offset();
	session->state->start = clock_read(CLOCK_BOOTTIME);
}
