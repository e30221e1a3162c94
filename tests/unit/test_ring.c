/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <sys/epoll.h>

#include "tests/unit/bpf_fixture.h"
#include "tests/unit/ring_fixture.h"

enum { SIZE = 4096 };

static enum ring_head peek(struct ring_reader *reader, const void **record, size_t *size)
{
	*record = NULL;
	*size = 0;
	return ring_peek(reader, record, size);
}

static void heads(void **state _unused_)
{
	struct ring_reader reader;
	struct fake_ring ring;
	const void *record;
	size_t size;

	fake_ring_open(&ring, SIZE, &reader);
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);

	unsigned long first = fake_reserve(&ring, 5);
	unsigned long second = fake_reserve(&ring, 16);

	assert_int_equal(peek(&reader, &record, &size), RING_BUSY);
	fake_commit(&ring, second);
	assert_int_equal(peek(&reader, &record, &size), RING_BUSY);
	memcpy(fake_record(&ring, first), "hello", 5);
	fake_commit(&ring, first);
	assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
	assert_int_equal(size, 5);
	assert_memory_equal(record, "hello", 5);
	ring_advance(&reader, RING_RECORD);
	assert_int_equal(reader.position, 16);
	assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
	assert_int_equal(size, 16);
	ring_advance(&reader, RING_RECORD);
	assert_int_equal(reader.position, 40);
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);
	fake_discard(&ring, fake_reserve(&ring, 100));
	assert_int_equal(peek(&reader, &record, &size), RING_DISCARDED);
	ring_advance(&reader, RING_DISCARDED);
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);
	assert_int_equal(reader.position, ring_end(&reader));
	fake_ring_close(&ring);
}

/* Nothing is given back to the producers before it is published. */
static void publishing(void **state _unused_)
{
	struct ring_reader reader;
	struct fake_ring ring;
	const void *record;
	size_t size;

	fake_ring_open(&ring, SIZE, &reader);
	fake_send(&ring, "12345678", 8);
	fake_send(&ring, "12345678", 8);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
		ring_advance(&reader, RING_RECORD);
	}
	assert_int_equal(ring.consumer, 0);
	ring_publish(&reader, 16);
	assert_int_equal(ring.consumer, 16);
	assert_int_equal(reader.published, 16);
	assert_int_equal(reader.position, 32);
	ring_rearm(&reader);
	assert_int_equal(ring.consumer, 32);
	fake_ring_close(&ring);
}

/* Records of all lengths, over the end of the memory and far beyond 2^32 bytes. */
static void around_the_end(void **state _unused_)
{
	struct ring_reader reader;
	struct fake_ring ring;

	fake_ring_open(&ring, SIZE, &reader);
	reader.position = ring.consumer = ring.producer = (UINT64_C(1) << 32) - SIZE / 2;
	for (uint32_t i = 0; i < 20000; i++) {
		unsigned char data[1024];
		const void *record;
		size_t size;

		memset(data, (int)(i & 255), sizeof(data));
		fake_send(&ring, data, i % sizeof(data));
		assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
		assert_int_equal(size, i % sizeof(data));
		assert_memory_equal(record, data, size);
		ring_advance(&reader, RING_RECORD);
		ring_rearm(&reader);
	}
	assert_true(reader.position > UINT64_C(1) << 32);
	fake_ring_close(&ring);
}

/* A length that leads beyond what was reserved is not followed. */
static void broken_header(void **state _unused_)
{
	struct ring_reader reader;
	struct fake_ring ring;
	const void *record;
	size_t size;

	fake_ring_open(&ring, SIZE, &reader);
	fake_send(&ring, "12345678", 8);
	*fake_header(&ring, 0) = SIZE * 4;
	assert_int_equal(peek(&reader, &record, &size), RING_BROKEN);
	ring_advance(&reader, RING_BROKEN);
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);
	*fake_header(&ring, fake_reserve(&ring, 8)) = 16;
	assert_int_equal(peek(&reader, &record, &size), RING_BROKEN);
	fake_ring_close(&ring);
}

/* --- the kernel's --- */

static int wait_event(int epoll_fd, int timeout)
{
	struct epoll_event event;

	return epoll_wait(epoll_fd, &event, 1, timeout);
}

static void other_maps_are_refused(void **state _unused_)
{
	struct ring_reader reader = {};
	_cleanup_error_ struct error *error = ring_open(-1, &reader);

	assert_non_null(error);
	assert_null(reader.data);
}

/* The kernel wakes whoever waits exactly when the published position has been reached. */
static void the_kernels_wake_ups(void **state _unused_)
{
	if (!bpf_fixture_possible())
		skip();

	_cleanup_close_ int fd = bpf_fixture_ring(1 << 16);
	_cleanup_close_ int sender = bpf_fixture_sender(fd, 2);
	_cleanup_close_ int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	uint64_t words[2] = {1, 0};
	struct ring_reader reader;
	const void *record;
	size_t size;

	assert_success(ring_open(fd, &reader));
	assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
	for (uint64_t i = 0; i < 3; i++) {
		words[1] = i;
		assert_int_equal(bpf_fixture_run(sender, words, 2), 0);
	}
	assert_int_equal(wait_event(epoll_fd, 1000), 1);
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
		assert_int_equal(size, 16);
		words[1] = i;
		assert_memory_equal(record, words, 16);
		ring_advance(&reader, RING_RECORD);
	}
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);

	/* Lagging: quiet. */
	ring_publish(&reader, reader.position - 24);
	bpf_fixture_run(sender, words, 2);
	assert_int_equal(wait_event(epoll_fd, 50), 0);
	assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
	ring_advance(&reader, RING_RECORD);

	/* Settled: awake. */
	ring_rearm(&reader);
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);
	bpf_fixture_run(sender, words, 2);
	assert_int_equal(wait_event(epoll_fd, 1000), 1);
	ring_close(&reader);
}

/* A second reader begins where the first one stopped; a full ring refuses records. */
static void the_kernels_room(void **state _unused_)
{
	if (!bpf_fixture_possible())
		skip();

	_cleanup_close_ int fd = bpf_fixture_ring(4096);
	_cleanup_close_ int sender = bpf_fixture_sender(fd, 3);
	uint64_t words[3] = {1, 2, 3};
	struct ring_reader reader;
	const void *record;
	size_t size;
	int sent = 0;

	while (bpf_fixture_run(sender, words, 3) == 0)
		sent++;
	assert_int_equal(sent, 4096 / 32 - 1);
	assert_success(ring_open(fd, &reader));
	assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
	ring_advance(&reader, RING_RECORD);
	assert_int_equal(bpf_fixture_run(sender, words, 3), 1);
	ring_rearm(&reader);
	ring_close(&reader);
	assert_int_equal(bpf_fixture_run(sender, words, 3), 0);
	assert_success(ring_open(fd, &reader));
	assert_int_equal(reader.position, 32);
	for (int i = 0; i < sent; i++) {
		assert_int_equal(peek(&reader, &record, &size), RING_RECORD);
		ring_advance(&reader, RING_RECORD);
	}
	assert_int_equal(peek(&reader, &record, &size), RING_EMPTY);
	ring_close(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads),
		cmocka_unit_test(publishing),
		cmocka_unit_test(around_the_end),
		cmocka_unit_test(broken_header),
		cmocka_unit_test(other_maps_are_refused),
		cmocka_unit_test(the_kernels_wake_ups),
		cmocka_unit_test(the_kernels_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
