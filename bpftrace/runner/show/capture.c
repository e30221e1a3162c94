/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is a header followed by a header and bytes for each packet, in the byte order of this
 * machine, which the magic number shows. Times of the boot clock are converted to the wall clock
 * with the offset at the time of writing.
 */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "bpftrace/runner/data/wallclock.h"
#include "libcommon/base/log.h"

enum {
	MAGIC_NSECS = 0xa1b23c4d,
	MAGIC_USECS = 0xa1b2c3d4,
	LINKTYPE_RAW = 101,
	LONGEST = 65535,
};

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy; /* always 0 */
	uint32_t longest;        /* bytes of a packet */
	uint32_t link_type;
};

struct packet_header {
	uint32_t secs, nsecs;
	uint32_t size, original;
};

struct capture {
	struct capture *next;
	const char *path;
	FILE *file;
	bool failed;
};

/* --- opening --- */

static bool is_capture(int fd)
{
	uint32_t magic = 0;

	if (pread(fd, &magic, sizeof(magic), 0) != (ssize_t)sizeof(magic))
		return false;
	return magic == MAGIC_NSECS || magic == MAGIC_USECS ||
	       __builtin_bswap32(magic) == MAGIC_NSECS || __builtin_bswap32(magic) == MAGIC_USECS;
}

static struct error *open_file(const char *path, FILE **ret)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return error_system(errno, "%s", path);
	if (S_ISREG(status.st_mode) && status.st_size && !is_capture(fd))
		return error_new(EEXIST, "%s: exists and is not a pcap file", path);
	if (S_ISREG(status.st_mode) && ftruncate(fd, 0) != 0)
		return error_system(errno, "%s", path);

	FILE *file = fdopen(fd, "w");

	if (!file)
		return error_system(errno, "%s", path);
	fd = -1;
	*ret = file;
	return NULL;
}

static void write_bytes(struct capture *capture, const void *data, size_t size)
{
	if (capture->failed || fwrite(data, 1, size, capture->file) == size)
		return;
	capture->failed = true;
	log_error("%s: %s", capture->path, strerror(errno));
}

static void write_header(struct capture *capture)
{
	struct file_header header = {
		.magic = MAGIC_NSECS,
		.major = 2,
		.minor = 4,
		.longest = LONGEST,
		.link_type = LINKTYPE_RAW,
	};

	write_bytes(capture, &header, sizeof(header));
}

struct error *capture_open(
	struct capture **list, struct arena *arena, const char *path, struct capture **ret)
{
	struct capture *capture = *list;
	FILE *file = NULL;

	while (capture && strcmp(capture->path, path) != 0)
		capture = capture->next;
	if (!capture) {
		struct error *error = open_file(path, &file);

		if (error)
			return error;
		capture = arena_new(arena, struct capture);
		*capture = (struct capture){
			.next = *list,
			.path = arena_strdup(arena, path),
			.file = file,
		};
		*list = capture;
		write_header(capture);
	}
	*ret = capture;
	return NULL;
}

/* --- writing --- */

void capture_packet(
	struct capture *capture, uint64_t boot, const void *data, size_t size, uint64_t original)
{
	struct timespec time = wallclock_at(boot);
	struct packet_header header = {
		.secs = (uint32_t)time.tv_sec,
		.nsecs = (uint32_t)time.tv_nsec,
		.size = (uint32_t)size,
		.original = (uint32_t)original,
	};

	write_bytes(capture, &header, sizeof(header));
	write_bytes(capture, data, size);
}

void capture_flush(struct capture *list)
{
	for (struct capture *capture = list; capture; capture = capture->next) {
		if (capture->failed || fflush(capture->file) == 0)
			continue;
		capture->failed = true;
		log_error("%s: %s", capture->path, strerror(errno));
	}
}

void capture_close(struct capture **list)
{
	for (struct capture *capture = *list; capture; capture = capture->next)
		fclose(capture->file);
	*list = NULL;
}
