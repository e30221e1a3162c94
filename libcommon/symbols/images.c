/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/str.h"

enum { LINES_GROWTH_MOST = 256 << 20 }; /* bytes that one file's may grow by */

struct file {
	char *path;
	int fd; /* -1: not open */
	struct build_id build_id;
	dev_t device;
	ino_t inode;             /* 0: not known */
	struct timespec changed; /* of the open file, when it was opened */
	struct image *image;     /* NULL until it is asked for */
	uint64_t used;           /* when it was asked for last: a count of all questions */
	uint32_t same;    /* number + 1 of another with the same build id; 0: none is known */
	bool is_unusable; /* no ELF file, or another one by now */
	bool has_no_lines;
	struct srclines *lines; /* NULL until they are asked for */
	size_t lines_least;     /* bytes of them when they were opened */
	uint64_t lines_used;    /* as used */
};

struct images {
	const struct host *host;
	struct image_limits limits;
	VEC(struct file *) files; /* each stays where it is while others are added */
	struct hashmap numbers;   /* key -> number + 1 */
	size_t open_files;
	size_t memory;
	VEC(uint32_t) lined; /* numbers of files whose lines are kept */
	uint64_t questions;
};

struct images *images_new(const struct host *host, const struct image_limits *limits)
{
	struct images *images = xcalloc(1, sizeof(*images));

	images->host = host;
	images->limits = *limits;
	return images;
}

static void free_file(struct file *file)
{
	image_free(file->image);
	srclines_free(file->lines);
	cleanup_close(&file->fd);
	free(file->path);
	free(file);
}

void images_free(struct images *images)
{
	struct file **file;

	if (!images)
		return;
	vec_for_each (&images->files, file)
		free_file(*file);
	vec_deinit(&images->files);
	vec_deinit(&images->lined);
	hashmap_deinit(&images->numbers);
	free(images);
}

const char *images_path(const struct images *images, uint32_t number)
{
	return images->files.items[number]->path;
}

/* --- names of files --- */

/* The bytes by which a file is found again: the same path in several roots may lead to one file.
 * Equal build ids alone do not make files equal: the linker takes any that it is given. */
static void make_key(const struct image_key *key, struct str *out)
{
	if (key->build_id)
		str_append_bytes(out, key->build_id, key->build_id_size);
	else
		str_printf(out, "%x:%x:%lx", key->major, key->minor, key->inode);
	str_printf(out, ":%s", key->path);
}

static void add_file(struct images *images, const struct image_key *key)
{
	struct file *file = xcalloc(1, sizeof(*file));

	vec_push(&images->files, file);
	file->path = xstrdup(key->path);
	file->fd = -1;
	if (key->build_id && key->build_id_size <= sizeof(file->build_id.bytes)) {
		memcpy(file->build_id.bytes, key->build_id, key->build_id_size);
		file->build_id.size = key->build_id_size;
	} else {
		file->device = makedev(key->major, key->minor);
		file->inode = key->inode;
	}
}

uint32_t images_number(struct images *images, const struct image_key *key)
{
	_cleanup_str_ struct str bytes = STR_INIT;

	make_key(key, &bytes);

	void **slot = hashmap_slot(&images->numbers, str_text(&bytes), bytes.length);

	if (!*slot) {
		add_file(images, key);
		*slot = (void *)images->files.count;
	}
	return (uint32_t)((uintptr_t)*slot - 1);
}

/* --- opening --- */

bool images_wants(const struct images *images, uint32_t number)
{
	const struct file *file = images->files.items[number];

	return file->fd < 0 && !file->is_unusable && images->open_files < images->limits.open_files;
}

/* File systems of anonymous devices (overlay, btrfs) show others in stat(2) than in mappings. */
static bool is_same_device(dev_t a, dev_t b)
{
	return a == b || (major(a) == 0 && major(b) == 0);
}

/* Whether the open file is the one meant: by build id, where that is known. */
static bool is_meant(const struct file *file, int fd)
{
	_cleanup_elf_ struct elf *elf = NULL;
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	if (!file->build_id.size)
		return is_same_device(status.st_dev, file->device) && status.st_ino == file->inode;

	_cleanup_error_ struct error *error =
		elf_open_fd(file->path, fcntl(fd, F_DUPFD_CLOEXEC, 0), &elf);

	if (error)
		return false;

	struct build_id found = build_id_read(elf);

	return build_id_is_same(&found, &file->build_id);
}

static struct timespec change_time(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_mtim : (struct timespec){};
}

/* Whether the file was not written to since it was opened, or has its build id all the same. */
static bool is_unchanged(const struct file *file, struct elf *elf)
{
	struct timespec now = change_time(file->fd);

	if (now.tv_sec == file->changed.tv_sec && now.tv_nsec == file->changed.tv_nsec)
		return true;

	struct build_id id = build_id_read(elf);

	return file->build_id.size && build_id_is_same(&id, &file->build_id);
}

/* Keeps the file that the path leads to, if it is the one meant. */
static bool open_path(struct images *images, struct file *file, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error =
		host_open(images->host, path, O_RDONLY | O_NONBLOCK, &fd);

	if (error || !is_meant(file, fd))
		return false;
	file->fd = TAKE_FD(fd);
	file->changed = change_time(file->fd);
	images->open_files++;
	return true;
}

void images_open(struct images *images, uint32_t number, int32_t pid, uint64_t start, uint64_t end)
{
	struct file *file = images->files.items[number];
	_cleanup_free_ char *link = xasprintf("/proc/%d/map_files/%lx-%lx", pid, start, end);
	_cleanup_free_ char *program = xasprintf("/proc/%d/exe", pid);
	_cleanup_free_ char *path = xasprintf("/proc/%d/root%s", pid, file->path);

	if (!images_wants(images, number) || file->path[0] != '/')
		return;
	/* The last one may be right, too, where the process has exited meanwhile. */
	(void)(open_path(images, file, path) || open_path(images, file, program) ||
		open_path(images, file, link) || open_path(images, file, file->path));
}

/* --- symbols --- */

/* Of all but the file itself, those that were not needed for longest. */
static void keep_limit(struct images *images, const struct file *but)
{
	while (images->memory > images->limits.memory) {
		struct file **at, *oldest = NULL;

		vec_for_each (&images->files, at) {
			struct file *file = *at;

			if (file->image && file != but && (!oldest || file->used < oldest->used))
				oldest = file;
		}
		if (!oldest)
			return;
		images->memory -= image_size(oldest->image);
		image_free(oldest->image);
		oldest->image = NULL;
	}
}

static bool open_elf_fd(struct file *file, struct elf **ret)
{
	int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

	/* There may be a free descriptor later. */
	if (fd < 0)
		return false;

	_cleanup_error_ struct error *error = elf_open_fd(file->path, fd, ret);

	file->is_unusable = error || !is_unchanged(file, *ret);
	return !file->is_unusable;
}

/* Opens the ELF file; one that was not kept open by its path, and not for longer. */
static bool open_elf(struct images *images, struct file *file, struct elf **ret)
{
	bool was_open = file->fd >= 0;

	if (!was_open && !open_path(images, file, file->path))
		return false;

	bool is_open = open_elf_fd(file, ret);

	if (!was_open && images->open_files > images->limits.open_files) {
		close(TAKE_FD(file->fd));
		images->open_files--;
	}
	return is_open;
}

/* Notes the build id of a file that was named by its inode, and whether it is known by it. */
static void identify(struct images *images, uint32_t number, struct elf *elf)
{
	struct file *file = images->files.items[number];

	if (file->build_id.size)
		return;
	file->build_id = build_id_read(elf);
	if (!file->build_id.size)
		return;

	_cleanup_str_ struct str bytes = STR_INIT;

	make_key(&(struct image_key){.path = file->path,
			 .build_id = file->build_id.bytes,
			 .build_id_size = file->build_id.size},
		&bytes);

	void **slot = hashmap_slot(&images->numbers, str_text(&bytes), bytes.length);

	if (*slot)
		file->same = (uint32_t)(uintptr_t)*slot;
	else
		*slot = (void *)((uintptr_t)number + 1);
}

/* Reads the symbols of a file that was not asked for before, or whose symbols were dropped. */
static const struct image *read_image(struct images *images, uint32_t number)
{
	struct file *file = images->files.items[number];
	_cleanup_elf_ struct elf *elf = NULL;

	if (file->is_unusable || !open_elf(images, file, &elf))
		return NULL;
	identify(images, number, elf);
	if (file->same)
		return images_get(images, file->same - 1);
	file->image = image_read(images->host, elf);
	images->memory += image_size(file->image);
	keep_limit(images, file);
	return file->image;
}

const struct image *images_get(struct images *images, uint32_t number)
{
	struct file *file = images->files.items[number];

	if (file->same)
		return images_get(images, file->same - 1);
	file->used = ++images->questions;
	return file->image ? file->image : read_image(images, number);
}

/* --- lines --- */

static void free_lines(struct images *images, size_t index)
{
	struct file *file = images->files.items[images->lined.items[index]];

	srclines_free(file->lines);
	file->lines = NULL;
	images->lined.items[index] = *vec_last(&images->lined);
	images->lined.count--;
}

/* Frees those that were not needed for longest until one is left. */
static void keep_lines_limit(struct images *images)
{
	size_t memory, oldest;

	do {
		memory = oldest = 0;
		for (size_t i = 0; i < images->lined.count; i++) {
			struct file *const *files = images->files.items;
			const uint32_t *lined = images->lined.items;

			memory += srclines_size(files[lined[i]]->lines);
			if (files[lined[i]]->lines_used < files[lined[oldest]]->lines_used)
				oldest = i;
		}
		if (memory <= images->limits.lines || images->lined.count <= 1)
			return;
		free_lines(images, oldest);
	} while (true);
}

static void open_lines(struct images *images, uint32_t number)
{
	struct file *file = images->files.items[number];
	_cleanup_elf_ struct elf *elf = NULL;

	if (!file->is_unusable && open_elf(images, file, &elf))
		file->lines = srclines_open(images->host, &elf);
	file->has_no_lines = !file->lines;
	if (!file->lines)
		return;
	file->lines_least = srclines_size(file->lines);
	vec_push(&images->lined, number);
}

/* What was read of a file for earlier addresses is forgotten when it is much. */
static void forget_if_grown(struct images *images, const struct file *file)
{
	if (!file->lines || srclines_size(file->lines) - file->lines_least <= LINES_GROWTH_MOST)
		return;
	for (size_t i = 0; i < images->lined.count; i++) {
		if (images->files.items[images->lined.items[i]] == file) {
			free_lines(images, i);
			return;
		}
	}
}

struct srclines *images_lines(struct images *images, uint32_t number)
{
	struct file *file = images->files.items[number];

	if (file->same)
		return images_lines(images, file->same - 1);
	if (file->has_no_lines)
		return NULL;
	file->lines_used = ++images->questions;
	forget_if_grown(images, file);
	if (!file->lines)
		open_lines(images, number);
	keep_lines_limit(images);
	return file->lines;
}

bool images_build_id(struct images *images, uint32_t number, struct build_id *ret)
{
	struct file *file = images->files.items[number];
	_cleanup_elf_ struct elf *elf = NULL;

	if (!file->build_id.size && !file->is_unusable && open_elf(images, file, &elf))
		identify(images, number, elf);
	*ret = file->build_id;
	return ret->size > 0;
}
