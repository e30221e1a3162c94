/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many lines of printf("%d %s\n", pid, comm) pass per second: formatting alone, and from a BPF
 * program through the ring buffer and the event loop to a file; and how long a large map takes. Run
 * by `meson test --benchmark`, or by hand: bench_output FILE [lines per second offered].
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#include "bpftrace/runner/loop/run.h"
#include "bpftrace/runner/show/printf.h"
#include "tests/unit/bpf_fixture.h"
#include "tests/unit/show_fixture.h"

enum {
	BURST = 100,
	WORDS = 4,      /* site, pid, comm */
	RING = 4 << 20, /* as the runner makes it */
	LINES = 3000000,
	SITE_PRINTF = 0,
	SITE_EXIT = 1,
};

static const struct {
	uint64_t site;
	int64_t pid;
	char comm[16];
} line = {SITE_PRINTF, 31337, "kworker/u4:1"};

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void add_site(
	struct show_fixture *shown, enum action action, const char *record, const char *text)
{
	vec_push(&shown->traced.bundle.manifest.sites, ((struct manifest_site){.action = action,
							       .record = record,
							       .text = text,
							       .text_length = strlen(text)}));
}

static struct show_fixture open_fixture(const char *path)
{
	struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	const struct types_field line_fields[] = {
		{"site", s64}, {"_0", s64}, {"_1", types_string(types, 16)}};
	const struct types_field exit_fields[] = {{"site", s64}, {"position", s64}, {"_0", s64}};

	types_struct(types, "line_record", line_fields, 3);
	types_struct(types, "exit_record", exit_fields, 3);
	add_site(&shown, ACTION_PRINTF, "line_record", "%d %s\n");
	add_site(&shown, ACTION_EXIT, "exit_record", "");
	shown.traced.map_layouts = arena_array(&shown.traced.arena, struct map_layout, 1);
	assert_success(output_open("text", path, "full", &shown.output));
	return shown;
}

static void bench_formatting(const char *path)
{
	_cleanup_fixture_ struct show_fixture shown = open_fixture(path);
	int32_t record = btf__find_by_name_kind(
		types_btf(shown.traced.bundle.types), "line_record", BTF_KIND_STRUCT);
	struct printf_site *site = NULL;
	double start = seconds();

	assert_success(printf_prepare(&shown.traced, (uint32_t)record, 1, "%d %s\n", 6, &site));
	for (int i = 0; i < LINES; i++) {
		struct str *text = &shown.output->text;

		str_truncate(text, 0);
		printf_format(site, &shown.output->reader, &line, sizeof(line), false, text);
		shown.output->ops->printed(shown.output, "printf", text->data, text->length);
	}
	output_flush(shown.output);
	printf("formatting: %.2f million lines a second\n", LINES / (seconds() - start) / 1e6);
}

struct producer {
	int flood, control;
	double rate; /* lines a second, 0: as many as go */
	uint64_t sent, refused;
	pthread_t thread;
};

static void *produce(void *context)
{
	struct producer *producer = context;
	double start = seconds();
	uint64_t words[WORDS];

	memcpy(words, &line, sizeof(line));
	while (producer->sent < LINES) {
		producer->refused += bpf_fixture_run(producer->flood, words, WORDS);
		producer->sent += BURST;
		while (producer->rate > 0 &&
			seconds() - start < (double)producer->sent / producer->rate)
			continue;
	}
	while (bpf_fixture_run(producer->control, (uint64_t[]){SITE_EXIT, 0}, 2) != 0)
		continue;
	return NULL;
}

static void bench_loop(const char *path, double rate)
{
	_cleanup_fixture_ struct show_fixture shown = open_fixture(path);
	struct producer producer = {.rate = rate};
	struct rusage before, after;
	struct fd_watch fd_watch;
	struct run *run = NULL;
	double start;

	shown.traced.data_ring_fd = bpf_fixture_ring(RING);
	shown.traced.control_ring_fd = bpf_fixture_ring(4096);
	producer.flood = bpf_fixture_flood(shown.traced.data_ring_fd, WORDS, BURST);
	producer.control =
		bpf_fixture_control_sender(shown.traced.data_ring_fd, shown.traced.control_ring_fd);
	assert_success(run_open(fixture_actions(&shown),
		&(struct run_sources){.child_pidfd = -1, .fd_watch = &fd_watch}, &run));
	start = seconds();
	getrusage(RUSAGE_THREAD, &before);
	pthread_create(&producer.thread, NULL, produce, &producer);
	run_loop(run);
	getrusage(RUSAGE_THREAD, &after);
	pthread_join(producer.thread, NULL);

	double time = seconds() - start;
	double cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
		     (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6 +
		     (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
		     (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
	uint64_t printed = producer.sent - producer.refused;

	run_close(run);
	close(shown.traced.data_ring_fd);
	close(shown.traced.control_ring_fd);
	close(producer.flood);
	close(producer.control);
	printf("loop: offered %.2f, printed %.2f million lines a second, %" PRIu64 " of %" PRIu64
	       " lost, %.0f ns CPU a line, %ld sleeps\n",
		(double)producer.sent / time / 1e6, (double)printed / time / 1e6, producer.refused,
		producer.sent, cpu / (double)printed * 1e9, after.ru_nvcsw - before.ru_nvcsw);
}

/* A map of many keys {int, string} with few different values, read from the kernel and printed. */
static void bench_map(const char *path)
{
	enum { KEYS = 1000000 };
	_cleanup_fixture_ struct show_fixture shown = open_fixture(path);
	struct types *types = shown.traced.bundle.types;
	const uint32_t parts[] = {types_integer(types, 8, true), types_string(types, 16)};
	uint32_t key = types_tuple(types, parts, 2),
		 count = fixture_aggregate(&shown, MEANING_COUNT);
	_cleanup_close_ int fd =
		bpf_map_create(BPF_MAP_TYPE_PERCPU_HASH, "bench", 24, 8, KEYS, NULL);
	_cleanup_free_ uint64_t *value = calloc((size_t)libbpf_num_possible_cpus(), sizeof(*value));
	struct rusage before, after;

	assert_true(fd >= 0);
	shown.traced.map_layouts = arena_new(&shown.traced.arena, struct map_layout);
	assert_success(map_layout_init(types, key, count, fd, shown.traced.map_layouts));
	vec_push(&shown.traced.bundle.manifest.maps,
		((struct manifest_map){.name = "@", .keyed = true}));
	for (int64_t i = 0; i < KEYS; i++) {
		struct {
			int64_t number;
			char text[16];
		} its = {i % 1000, ""};

		snprintf(its.text, sizeof(its.text), "process %d", (int)(i / 1000));
		*value = (uint64_t)i % 3;
		assert_int_equal(bpf_map_update_elem(fd, &its, value, BPF_ANY), 0);
	}
	getrusage(RUSAGE_SELF, &before);

	double start = seconds();

	show_map(shown.output, &shown.traced, 0, 0, 1);
	output_flush(shown.output);
	getrusage(RUSAGE_SELF, &after);
	printf("map of a million keys: %.2f seconds, %ld MB\n", seconds() - start,
		(after.ru_maxrss - before.ru_maxrss) / 1024);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/null";

	bench_formatting(path);
	if (!bpf_fixture_possible())
		return 77;
	if (argc > 2) {
		bench_loop(path, atof(argv[2]));
		return 0;
	}
	bench_loop(path, 1e6);
	bench_loop(path, 0);
	bench_map(path);
	return 0;
}
