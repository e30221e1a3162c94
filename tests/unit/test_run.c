/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: its algorithm on rings in memory, where the test decides which records are
 * complete, and the whole of it on the kernel's rings. For the former the loop's insides are
 * needed, so its source is part of this test.
 */
#include "bpftrace/runner/loop/run.c"

#include <bpf/bpf.h>
#include <pthread.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/unit/bpf_fixture.h"
#include "tests/unit/ring_fixture.h"
#include "tests/unit/show_fixture.h"

enum {
	SITE_PRINTF, /* "%d %d\n" */
	SITE_EXIT,
	SITE_PRINT_0, /* of map 0; one for each map follows */
	THREADS = 4,
};

static void add_site(struct show_fixture *shown, enum action action, const char *record,
	const char *text, uint32_t map)
{
	vec_push(&shown->traced.bundle.manifest.sites, ((struct manifest_site){
							       .action = action,
							       .record = record,
							       .text = text,
							       .text_length = strlen(text),
							       .map = map,
							       .divisor = 1,
						       }));
}

/* The sites above, and maps @0, @1 … that hold their numbers, when the kernel lets us have any. */
static struct show_fixture sites_of(uint32_t maps)
{
	struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	const struct types_field printf_fields[] = {{"site", s64}, {"_0", s64}, {"_1", s64}};
	const struct types_field exit_fields[] = {
		{"site", s64}, {"data_position", s64}, {"_0", s64}};
	const struct types_field map_fields[] = {{"value", s64}, {"set", s64}};

	types_struct(types, "printf_record", printf_fields, 3);
	types_struct(types, "exit_record", exit_fields, 3);
	types_struct(types, "map_record", exit_fields, 2);
	add_site(&shown, ACTION_PRINTF, "printf_record", "%d %d\n", 0);
	add_site(&shown, ACTION_EXIT, "exit_record", "", 0);
	shown.traced.map_layouts = arena_array(&shown.traced.arena, struct map_layout, maps + 1);
	for (uint32_t i = 0; i < maps; i++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "run", 4, 16, 1, NULL);
		uint32_t index = 0;

		bpf_map_update_elem(fd, &index, (uint64_t[]){i, 1}, BPF_ANY);
		assert_success(map_layout_init(types, 0, types_struct(types, NULL, map_fields, 2),
			fd, &shown.traced.map_layouts[i]));
		add_site(&shown, ACTION_PRINT_MAP, "map_record", "", i);
		vec_push(&shown.traced.bundle.manifest.maps,
			((struct manifest_map){
				.name = arena_printf(&shown.traced.arena, "@%u", i)}));
	}
	return shown;
}

static void run_fixture_close(struct show_fixture *shown)
{
	for (size_t i = 0; i < shown->traced.bundle.manifest.maps.count; i++)
		close(shown->traced.map_layouts[i].fd);
	cleanup_close(&shown->traced.data_ring_fd);
	cleanup_close(&shown->traced.control_ring_fd);
	fixture_close(shown);
}

#define _cleanup_run_fixture_ _cleanup_(run_fixture_close)

/* --- on rings in memory --- */

struct fakes {
	struct run run;
	struct fake_ring data, control;
};

static void fakes_open(struct fakes *fakes, struct show_fixture *shown)
{
	fixture_output(shown, "text");
	*fakes = (struct fakes){.run.actions = fixture_actions(shown)};
	fake_ring_open(&fakes->data, 1 << 16, &fakes->run.data);
	fake_ring_open(&fakes->control, 1 << 12, &fakes->run.control);
	assert_success(dispatch_init(&shown->actions, &fakes->run.dispatch));
}

static void fakes_close(struct fakes *fakes)
{
	fake_ring_close(&fakes->data);
	fake_ring_close(&fakes->control);
}

#define _cleanup_fakes_ _cleanup_(fakes_close)

static unsigned long reserve_data(struct fakes *fakes, int64_t a, int64_t b)
{
	unsigned long position = fake_reserve(&fakes->data, 24);

	memcpy(fake_record(&fakes->data, position), (int64_t[]){SITE_PRINTF, a, b}, 24);
	return position;
}

static void send_data(struct fakes *fakes, int64_t a, int64_t b)
{
	fake_commit(&fakes->data, reserve_data(fakes, a, b));
}

/* An exit record, behind the data that has been sent so far. */
static unsigned long reserve_exit(struct fakes *fakes, int64_t status)
{
	unsigned long position = fake_reserve(&fakes->control, 24);
	const uint64_t words[] = {SITE_EXIT, fakes->data.producer, (uint64_t)status};

	memcpy(fake_record(&fakes->control, position), words, sizeof(words));
	return position;
}

static void all_of_the_data(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	send_data(&fakes, 1, 2);
	fake_discard(&fakes.data, reserve_data(&fakes, 0, 0));
	send_data(&fakes, 3, 4);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_written(&shown, "1 2\n3 4\n");
	assert_true(rearm(&fakes.run, DRAINED_ALL));
	assert_int_equal(fakes.data.consumer, fakes.data.producer);
	send_data(&fakes, 5, 6);
	assert_false(rearm(&fakes.run, DRAINED_ALL));
}

static void incomplete_data(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	send_data(&fakes, 1, 1);

	unsigned long position = reserve_data(&fakes, 2, 2);

	send_data(&fakes, 3, 3);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_DATA);
	assert_written(&shown, "1 1\n");
	assert_true(rearm(&fakes.run, DRAINED_DATA));
	fake_commit(&fakes.data, position);
	assert_false(rearm(&fakes.run, DRAINED_DATA));
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_written(&shown, "2 2\n3 3\n");
}

/* What was sent after exit() stays for later; what was sent before is printed first. */
static void exit_at_its_place(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	send_data(&fakes, 1, 1);
	fake_commit(&fakes.control, reserve_exit(&fakes, 3));
	send_data(&fakes, 2, 2);
	fake_commit(&fakes.control, reserve_exit(&fakes, 4));
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_EXIT);
	assert_written(&shown, "1 1\n");
	assert_true(shown.actions.exited);
	assert_int_equal(shown.actions.exit_status, 3);
	fakes.run.exiting = true;
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_written(&shown, "2 2\n");
	assert_int_equal(shown.actions.exit_status, 3);
}

static void exit_waits_for_data_before_it(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);

	unsigned long position = reserve_data(&fakes, 1, 1);

	fake_commit(&fakes.control, reserve_exit(&fakes, 0));
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_DATA);
	assert_false(shown.actions.exited);
	fake_commit(&fakes.data, position);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_EXIT);
	assert_written(&shown, "1 1\n");
}

/* While a control record is incomplete, nobody knows which data it follows. */
static void data_waits_for_control(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	send_data(&fakes, 1, 1);

	unsigned long position = reserve_exit(&fakes, 0);

	send_data(&fakes, 2, 2);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_CONTROL);
	assert_written(&shown, "");
	assert_true(rearm(&fakes.run, DRAINED_CONTROL));
	fake_discard(&fakes.control, position);
	assert_false(rearm(&fakes.run, DRAINED_CONTROL));
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_written(&shown, "1 1\n2 2\n");
}

/* Space is given back while much data is consumed, but never all of it: the kernel stays quiet. */
static void space_is_given_back(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	for (int i = 0; i < 2047; i++)
		send_data(&fakes, i, i);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_int_equal(fakes.run.data.position, fakes.data.producer);
	assert_in_range(
		fakes.data.consumer, fakes.data.size * 7 / 8 - 64, fakes.data.producer - 32);
}

/* Positions, sites and sizes of records that make no sense do no harm. */
static void nonsense(void **state _unused_)
{
	static const uint64_t records[][3] = {
		{3}, {UINT64_MAX}, {SITE_EXIT}, /* a site of the other ring */
	};
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	_cleanup_fakes_ struct fakes fakes;

	fakes_open(&fakes, &shown);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		fake_send(&fakes.data, records[i], sizeof(records[i]));
	fake_send(&fakes.data, (uint64_t[]){SITE_PRINTF, 0}, 16);
	fake_send(&fakes.data, "1234", 4);
	fake_send(&fakes.data, "", 0);
	fake_send(&fakes.control, "12345678", 8);
	fake_send(&fakes.control, (uint64_t[]){SITE_PRINTF, 0, 0}, 24);
	fake_send(&fakes.control, (uint64_t[]){SITE_EXIT, 0}, 16);
	fake_send(&fakes.control, (uint64_t[]){9, UINT64_MAX, 0}, 24);
	send_data(&fakes, 1, 1);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_int_equal(drain(&fakes.run, SLICE), DRAINED_ALL);
	assert_written(&shown, "1 1\n");
	assert_int_equal(fakes.run.dispatch.dropped, 10);
	assert_false(shown.actions.exited);
}

/* --- on the kernel's --- */

/* A loop that also ends with the process, if it is not -1. */
static struct run *open_loop(struct show_fixture *shown, int child_pidfd)
{
	static struct fd_watch fd_watch;
	struct run *run = NULL;

	assert_success(run_open(fixture_actions(shown),
		&(struct run_sources){.child_pidfd = child_pidfd, .fd_watch = &fd_watch}, &run));
	return run;
}

static struct run *open_run(struct show_fixture *shown, uint32_t data_size)
{
	if (!shown->output)
		fixture_output(shown, "text");
	shown->traced.data_ring_fd = bpf_fixture_ring(data_size);
	shown->traced.control_ring_fd = bpf_fixture_ring(1 << 16);
	return open_loop(shown, -1);
}

struct sender {
	int data, control;
	uint64_t thread;
	uint64_t rounds;
	pthread_t handle;
};

/* Data, then a control record that prints the thread's map, then data, again and again. */
static void *send_in_order(void *context)
{
	struct sender *sender = context;

	for (uint64_t i = 0; i < sender->rounds; i++) {
		const uint64_t first[] = {SITE_PRINTF, sender->thread, 2 * i};
		const uint64_t second[] = {SITE_PRINT_0 + sender->thread, 0};
		const uint64_t third[] = {SITE_PRINTF, sender->thread, 2 * i + 1};

		assert_int_equal(bpf_fixture_run(sender->data, first, 3), 0);
		while (bpf_fixture_run(sender->control, second, 2) != 0)
			usleep(100);
		assert_int_equal(bpf_fixture_run(sender->data, third, 3), 0);
	}
	return NULL;
}

static void *send_then_exit(void *context)
{
	struct sender *senders = context;
	const uint64_t words[] = {SITE_EXIT, 7};

	for (int i = 0; i < THREADS; i++)
		pthread_create(&senders[i].handle, NULL, send_in_order, &senders[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i].handle, NULL);
	while (bpf_fixture_run(senders->control, words, 2) != 0)
		usleep(100);
	return NULL;
}

/* Every record is there, those of each thread in the order they were sent. */
static void order_of_threads(void **state _unused_)
{
	enum { ROUNDS = 3000 };
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(THREADS);
	struct run *run = open_run(&shown, 1 << 22);
	_cleanup_close_ int data = bpf_fixture_sender(shown.traced.data_ring_fd, 3);
	_cleanup_close_ int control =
		bpf_fixture_control_sender(shown.traced.data_ring_fd, shown.traced.control_ring_fd);
	struct sender senders[THREADS];
	uint64_t next[THREADS] = {};
	pthread_t handle;

	for (unsigned i = 0; i < THREADS; i++)
		senders[i] = (struct sender){
			.data = data, .control = control, .thread = i, .rounds = ROUNDS};
	pthread_create(&handle, NULL, send_then_exit, senders);
	assert_int_equal(run_loop(run), RUN_EXIT);
	pthread_join(handle, NULL);
	assert_int_equal(shown.actions.exit_status, 7);

	_cleanup_free_ char *written = fixture_written(&shown);

	/* A thread's lines are data 0, map, data 1, data 2, map, data 3 …: numbers 0, 1, 2 mod 3.
	 */
	for (char *line = strtok(written, "\n"); line; line = strtok(NULL, "\n")) {
		bool is_map = *line == '@';
		unsigned thread = (unsigned)(line[is_map] - '0');

		assert_true(thread < THREADS);
		if (is_map)
			assert_int_equal(next[thread] % 3, 1);
		else
			assert_int_equal(strtoull(line + 2, NULL, 10),
				next[thread] / 3 * 2 + (next[thread] % 3 == 2));
		next[thread]++;
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(next[i], 3 * ROUNDS);
	run_close(run);
}

/* More than the ring holds, as fast as a program can: printed and refused make up all. */
static void none_lost_unnoticed(void **state _unused_)
{
	enum { RUNS = 2000, BURST = 100 };
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	struct run *run = open_run(&shown, 1 << 14);
	_cleanup_close_ int flood = bpf_fixture_flood(shown.traced.data_ring_fd, 3, BURST);
	const uint64_t words[] = {SITE_PRINTF, 1, 2};
	uint64_t refused = 0, printed = 0;

	for (int i = 0; i < RUNS; i++) {
		refused += bpf_fixture_run(flood, words, 3);
		if (i % 7 == 0)
			assert_false(run_drain(run));
	}
	run_drain(run);

	_cleanup_free_ char *written = fixture_written(&shown);

	for (const char *at = written; (at = strchr(at, '\n')); at++)
		printed++;
	assert_true(refused > 0);
	assert_int_equal(printed + refused, RUNS * BURST);
	run_close(run);
}

static void *send_late(void *context)
{
	struct sender *sender = context;
	const uint64_t words[] = {SITE_PRINTF, 1, 2}, end[] = {SITE_EXIT, 0};

	for (uint64_t i = 0; i < sender->rounds; i++) {
		usleep(20000);
		bpf_fixture_run(sender->data, words, 3);
	}
	usleep(20000);
	bpf_fixture_run(sender->control, end, 2);
	return NULL;
}

/* Few records with long pauses: each is awaited asleep. */
static void asleep_when_idle(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	struct run *run = open_run(&shown, 1 << 16);
	_cleanup_close_ int data = bpf_fixture_sender(shown.traced.data_ring_fd, 3);
	_cleanup_close_ int control =
		bpf_fixture_control_sender(shown.traced.data_ring_fd, shown.traced.control_ring_fd);
	struct sender sender = {.data = data, .control = control, .rounds = 5};
	struct rusage before, after;

	pthread_create(&sender.handle, NULL, send_late, &sender);
	getrusage(RUSAGE_THREAD, &before);
	assert_int_equal(run_loop(run), RUN_EXIT);
	getrusage(RUSAGE_THREAD, &after);
	pthread_join(sender.handle, NULL);
	assert_written(&shown, "1 2\n1 2\n1 2\n1 2\n1 2\n");
	assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 1, 20);
	run_close(run);
}

/* SIGUSR1 prints the maps and goes on, SIGTERM ends; the lower number is delivered first. */
static void signals(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(2);
	struct run *run = open_run(&shown, 1 << 16);
	sigset_t mask;

	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGTERM);
	assert_int_equal(run_loop(run), RUN_SIGNAL);
	assert_written(&shown, "\n\n@0: 0\n@1: 1\n");
	assert_int_equal(shown.actions.exit_status, 0);
	run_close(run);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGTERM));
}

static void end_of_the_child(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	pid_t child = fork();

	if (child == 0) {
		usleep(20000);
		_exit(0);
	}

	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, child, 0);

	assert_true(pidfd >= 0);
	fixture_output(&shown, "text");

	struct run *run = open_loop(&shown, pidfd);

	assert_int_equal(run_loop(run), RUN_CHILD);
	waitpid(child, NULL, 0);
	run_close(run);
}

/* Output that nobody reads ends the run, with a message only where somebody is to blame. */
static void the_reader_goes_away(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fixture_output(&shown, "text");
	close(shown.output->fd);
	shown.output->fd = ends[1];

	struct run *run = open_run(&shown, 1 << 16);

	close(ends[0]);
	assert_int_equal(run_loop(run), RUN_OUTPUT);
	assert_int_equal(shown.actions.exit_status, 0);
	output_write(shown.output, "x", 1);
	assert_int_equal(run_loop(run), RUN_OUTPUT);
	assert_int_equal(shown.output->failed, EPIPE);
	assert_true(show_finish(shown.output));
	run_close(run);
}

static void no_space_for_output(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);

	assert_success(output_open("text", "/dev/full", "full", &shown.output));

	struct run *run = open_run(&shown, 1 << 16);
	_cleanup_close_ int data = bpf_fixture_sender(shown.traced.data_ring_fd, 3);

	bpf_fixture_run(data, (uint64_t[]){SITE_PRINTF, 1, 2}, 3);
	assert_int_equal(run_loop(run), RUN_OUTPUT);
	assert_int_equal(shown.output->failed, ENOSPC);
	assert_false(show_finish(shown.output));
	run_close(run);
}

/* Nothing to wait for but signals: a script that only counts. */
static void without_rings(void **state _unused_)
{
	_cleanup_run_fixture_ struct show_fixture shown = sites_of(0);

	fixture_output(&shown, "text");

	struct run *run = open_loop(&shown, -1);

	assert_false(run_drain(run));
	kill(getpid(), SIGINT);
	assert_int_equal(run_loop(run), RUN_SIGNAL);
	run_close(run);
}

int main(void)
{
	const struct CMUnitTest in_memory[] = {
		cmocka_unit_test(all_of_the_data),
		cmocka_unit_test(incomplete_data),
		cmocka_unit_test(exit_at_its_place),
		cmocka_unit_test(exit_waits_for_data_before_it),
		cmocka_unit_test(data_waits_for_control),
		cmocka_unit_test(space_is_given_back),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(without_rings),
	};
	const struct CMUnitTest in_kernel[] = {
		cmocka_unit_test(order_of_threads),
		cmocka_unit_test(none_lost_unnoticed),
		cmocka_unit_test(asleep_when_idle),
		cmocka_unit_test(signals),
		cmocka_unit_test(end_of_the_child),
		cmocka_unit_test(the_reader_goes_away),
		cmocka_unit_test(no_space_for_output),
	};
	int failed = cmocka_run_group_tests(in_memory, NULL, NULL);

	if (!bpf_fixture_possible()) {
		fprintf(stderr, "skipped: BPF may not be used here\n");
		return failed;
	}
	return failed + cmocka_run_group_tests(in_kernel, NULL, NULL);
}
