/* SPDX-License-Identifier: Apache-2.0 */
/* Records of real events of this process, and malformed ones. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/str.h"
#include "libcommon/symbols/mmap_record.h"

enum { PAGE = 4096, PAGES = 16 };

struct event {
	int fd;
	struct perf_event_mmap_page *page;
};

/* Of one process; false where perf events are forbidden. */
static bool open_event(pid_t pid, struct event *event)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.size = sizeof(attr),
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.exclude_kernel = 1,
		.sample_id_all = 1,
		.sample_type = PERF_SAMPLE_TIME,
	};

	event->fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, 0);
	if (event->fd < 0)
		return false;
	event->page =
		mmap(NULL, (1 + PAGES) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, event->fd, 0);
	assert_ptr_not_equal(event->page, MAP_FAILED);
	return true;
}

static void close_event(struct event *event)
{
	munmap(event->page, (1 + PAGES) * PAGE);
	close(event->fd);
}

/*
 * The record at *tail, which does not wrap in these tests, until the next call. The kernel marks
 * the records of all events as having a build id while another process asks for these.
 */
static struct mmap_record next_record(const struct event *event, uint64_t *tail)
{
	static _Alignas(uint64_t) char copy[UINT16_MAX];
	const void *data = (const char *)event->page + event->page->data_offset + *tail;
	struct perf_event_header header;

	memcpy(&header, data, sizeof(header));
	memcpy(copy, data, header.size);
	header.misc &= (uint16_t)~PERF_RECORD_MISC_MMAP_BUILD_ID;
	memcpy(copy, &header, sizeof(header));
	*tail += header.size;
	return mmap_record_parse(copy, header.size);
}

static struct mmap_record find_record(const struct event *event, enum mmap_record_kind kind)
{
	uint64_t tail = 0;

	while (tail < event->page->data_head) {
		struct mmap_record record = next_record(event, &tail);

		if (record.kind == kind)
			return record;
	}
	fail_msg("no record of kind %d", kind);
	return (struct mmap_record){};
}

static void a_file_that_is_mapped(void **state)
{
	(void)state;
	struct event event;

	if (!open_event(0, &event))
		skip();

	char path[256] = {};
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, PAGE);
	struct stat status;
	struct mmap_record record = find_record(&event, MMAP_RECORD_MAP);

	assert_true(length > 0);
	fstat(fd, &status);
	assert_int_equal(record.pid, getpid());
	assert_ptr_equal((void *)record.start, map);
	assert_int_equal(record.size, PAGE);
	assert_int_equal(record.offset, PAGE);
	assert_string_equal(record.path, path);
	assert_null(record.build_id);
	assert_int_equal(record.inode, status.st_ino);
	assert_true(record.time > 0);
	close_event(&event);
	munmap(map, PAGE);
	close(fd);
}

static void memory_without_a_file(void **state)
{
	(void)state;
	struct event event;

	if (!open_event(0, &event))
		skip();

	char *map = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mmap_record record = find_record(&event, MMAP_RECORD_MAP);

	assert_string_equal(record.path, "//anon");
	assert_ptr_equal((void *)record.start, map);
	close_event(&event);
	munmap(map, PAGE);
}

static void begin_and_end_of_a_process(void **state)
{
	(void)state;
	struct event event;
	int begin[2];

	assert_int_equal(pipe(begin), 0);

	pid_t pid = fork();

	if (pid == 0) {
		char byte;

		close(begin[1]);
		if (read(begin[0], &byte, 1) != 0)
			_exit(1);
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	close(begin[0]);

	bool is_open = open_event(pid, &event);

	close(begin[1]);
	waitpid(pid, NULL, 0);
	if (!is_open)
		skip();

	struct mmap_record forked = find_record(&event, MMAP_RECORD_FORK);
	struct mmap_record executed = find_record(&event, MMAP_RECORD_EXEC);
	struct mmap_record ended = find_record(&event, MMAP_RECORD_EXIT);

	assert_int_equal(forked.parent, pid);
	assert_int_not_equal(forked.pid, pid);
	assert_int_equal(executed.pid, pid);
	assert_int_equal(ended.pid, pid);
	assert_true(forked.time < executed.time && executed.time < ended.time);
	close_event(&event);
}

/* --- records made here --- */

static void begin(struct str *out, uint32_t type, uint16_t flags)
{
	struct perf_event_header header = {.type = type, .misc = flags};

	str_append_bytes(out, &header, sizeof(header));
}

static void put(struct str *out, uint64_t value, size_t width)
{
	str_append_bytes(out, &value, width);
}

static struct mmap_record parse(const struct str *data)
{
	return mmap_record_parse(data->data, data->length);
}

static void a_build_id_in_place_of_the_inode(void **state)
{
	(void)state;
	_cleanup_str_ struct str data = STR_INIT;

	begin(&data, PERF_RECORD_MMAP2, 1 << 14);
	put(&data, 7, 4), put(&data, 8, 4);
	put(&data, 0x1000, 8), put(&data, 0x2000, 8), put(&data, 0x3000, 8);
	put(&data, 20, 1), put(&data, 0, 3);
	str_append_bytes(&data, "abcdefghijklmnopqrst", 20);
	put(&data, 5, 4), put(&data, 2, 4);
	str_append_bytes(&data, "/bin/sh\0", 8);
	put(&data, 99, 8);

	struct mmap_record record = parse(&data);

	assert_int_equal(record.kind, MMAP_RECORD_MAP);
	assert_int_equal(record.pid, 7);
	assert_int_equal(record.start, 0x1000);
	assert_int_equal(record.size, 0x2000);
	assert_int_equal(record.offset, 0x3000);
	assert_int_equal(record.build_id_size, 20);
	assert_memory_equal(record.build_id, "abcdefghijklmnopqrst", 20);
	assert_string_equal(record.path, "/bin/sh");
	assert_int_equal(record.time, 99);

	data.data[8 + 32] = 21; /* longer than its place */
	assert_null(parse(&data).build_id);

	memset(data.data + data.length - 16, 'x', 8); /* a path without end */
	assert_int_equal(parse(&data).kind, MMAP_RECORD_OTHER);
}

static void threads_and_names_are_of_no_interest(void **state)
{
	(void)state;
	_cleanup_str_ struct str thread = STR_INIT, name = STR_INIT;

	begin(&thread, PERF_RECORD_FORK, 0);
	put(&thread, 7, 4), put(&thread, 7, 4), put(&thread, 8, 4), put(&thread, 7, 4);
	put(&thread, 99, 8), put(&thread, 99, 8);
	assert_int_equal(parse(&thread).kind, MMAP_RECORD_OTHER);
	begin(&name, PERF_RECORD_COMM, 0);
	put(&name, 7, 4), put(&name, 7, 4), put(&name, 0, 8), put(&name, 99, 8);
	assert_int_equal(parse(&name).kind, MMAP_RECORD_OTHER);
}

static void records_that_were_lost(void **state)
{
	(void)state;
	_cleanup_str_ struct str data = STR_INIT;

	begin(&data, PERF_RECORD_LOST, 0);
	put(&data, 1, 8), put(&data, 23, 8), put(&data, 99, 8);
	assert_int_equal(parse(&data).kind, MMAP_RECORD_LOST);
	assert_int_equal(parse(&data).lost, 23);
}

/* Each length of a record of each type: the sanitizers see a read beyond its end. */
static void records_that_are_cut(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 20; type++) {
		for (size_t size = 0; size < 120; size++) {
			char *data = calloc(1, size + 1);

			if (size >= sizeof(uint32_t))
				memcpy(data, &type, sizeof(type));
			data = realloc(data, size ? size : 1);
			mmap_record_parse(data, size);
			free(data);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_mapped),
		cmocka_unit_test(memory_without_a_file),
		cmocka_unit_test(begin_and_end_of_a_process),
		cmocka_unit_test(a_build_id_in_place_of_the_inode),
		cmocka_unit_test(threads_and_names_are_of_no_interest),
		cmocka_unit_test(records_that_were_lost),
		cmocka_unit_test(records_that_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
