/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is the debug file of another one only when both have the same build-id or, without one,
 * when its checksum is that of .gnu_debuglink: symbols of another build would lead to probes in the
 * middle of instructions.
 */
#include "debugfile.h"

#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build_id.h"
#include "debugdirs.h"
#include "libcommon/base/alloc.h"

enum {
	UNPACKED_MOST = 64 << 20, /* bytes of symbols: more than any program has */
	MEMORY_MOST = 128 << 20,  /* bytes to unpack them: xz -9 needs half of it */
	LINKED_MOST = 1 << 30,    /* bytes of a file whose checksum is computed, which takes 1 s */
};

/* A file that may be the one. */
struct place {
	const struct host *host;
	const char *path;
	bool is_named;   /* by the user: not below the host's root */
	bool is_checked; /* the checksum must be right besides the build-id */
};

static struct error *open_place(const struct place *place, struct elf **ret)
{
	return place->is_named ? elf_open_named(place->host, place->path, ret)
			       : elf_open(place->host, place->path, ret);
}

/* --- by build-id --- */

static bool has_id(struct elf *elf, const struct build_id *id)
{
	struct build_id found = build_id_read(elf);

	return build_id_is_same(&found, id);
}

/* "/.build-id/ab/cdef….debug" */
static void append_id(const struct build_id *id, struct str *path)
{
	str_append(path, "/.build-id/");
	for (size_t i = 0; i < id->size; i++)
		str_printf(path, i == 1 ? "/%02x" : "%02x", id->bytes[i]);
	str_append(path, ".debug");
}

/* A directory of the user can hold anything. */
static bool open_named_by_id(
	const struct host *host, const char *path, const struct build_id *id, struct elf **ret)
{
	_cleanup_elf_ struct elf *found = NULL;
	_cleanup_error_ struct error *error = elf_open_named(host, path, &found);

	if (error || !has_id(found, id))
		return false;
	*ret = TAKE(found);
	return true;
}

static bool open_any_by_id(const struct host *host, const struct build_id *id, struct elf **ret)
{
	_cleanup_str_ struct str path = STR_INIT;
	struct debugdir dir;

	if (id->size < 2)
		return false;
	for (const char *state = NULL; debugdirs_next(&state, &dir);) {
		str_truncate(&path, 0);
		str_append_bytes(&path, dir.path, dir.length);
		append_id(id, &path);
		if (open_named_by_id(host, path.data, id, ret))
			return true;
	}
	str_truncate(&path, 0);
	str_append(&path, "/usr/lib/debug");
	append_id(id, &path);

	_cleanup_error_ struct error *error = elf_open(host, path.data, ret);

	return !error;
}

static bool open_by_id(const struct host *host, const struct build_id *id, struct elf **ret)
{
	_cleanup_elf_ struct elf *found = NULL;

	if (!open_any_by_id(host, id, &found) || !elf_has_symbols(found))
		return false;
	*ret = TAKE(found);
	return true;
}

/* --- by .gnu_debuglink: a file name, padding to 4, a CRC-32 --- */

struct link {
	const char *name;
	int length;
	uint32_t checksum;
	const char *directory; /* of the file that has the link */
	int directory_length;
};

static bool read_link(struct elf *elf, struct link *ret)
{
	struct elf_section section;
	const char *path = elf_path(elf), *slash = strrchr(path, '/');

	if (!elf_section(elf, ".gnu_debuglink", &section) || !section.data || !slash)
		return false;

	const char *name = section.data;
	size_t length = strnlen(name, section.size);
	size_t at = ALIGN_UP(length + 1, sizeof(ret->checksum));

	if (length == 0 || memchr(name, '/', length) || at > section.size ||
		section.size - at < sizeof(ret->checksum))
		return false;
	*ret = (struct link){.name = name,
		.length = (int)length,
		.directory = path,
		.directory_length = (int)(slash - path)};
	memcpy(&ret->checksum, name + at, sizeof(ret->checksum));
	return true;
}

static bool has_checksum(const struct place *place, uint32_t wanted)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error =
		place->is_named ? host_open_named(place->host, place->path, &fd)
				: host_open(place->host, place->path, O_RDONLY | O_NONBLOCK, &fd);
	uint8_t buffer[65536];
	uint32_t checksum = 0;
	struct stat status;
	ssize_t got = 0;
	size_t left = LINKED_MOST;

	if (error || fstat(fd, &status) < 0 || status.st_size > LINKED_MOST)
		return false;
	/* It may grow meanwhile. */
	while (left && (got = read(fd, buffer, MIN(sizeof(buffer), left))) > 0) {
		checksum = lzma_crc32(buffer, (size_t)got, checksum);
		left -= (size_t)got;
	}
	return got >= 0 && checksum == wanted;
}

static bool open_if_meant(const struct place *place, const struct build_id *id,
	const struct link *link, struct elf **ret)
{
	_cleanup_elf_ struct elf *found = NULL;
	_cleanup_error_ struct error *error = open_place(place, &found);

	if (error || !elf_has_symbols(found) || (id->size > 0 && !has_id(found, id)))
		return false;
	if ((place->is_checked || id->size == 0) && !has_checksum(place, link->checksum))
		return false;
	*ret = TAKE(found);
	return true;
}

/* Below a directory of the user, where the file itself would be, or right in it. */
static bool open_link_in(const struct host *host, const struct debugdir *dir,
	const struct build_id *id, const struct link *link, struct elf **ret)
{
	_cleanup_free_ char *deep = xasprintf("%.*s%.*s/%.*s", (int)dir->length, dir->path,
		link->directory_length, link->directory, link->length, link->name);
	_cleanup_free_ char *flat =
		xasprintf("%.*s/%.*s", (int)dir->length, dir->path, link->length, link->name);

	return open_if_meant(&(struct place){host, deep, true, dir->is_checked}, id, link, ret) ||
	       open_if_meant(&(struct place){host, flat, true, dir->is_checked}, id, link, ret);
}

static bool open_by_link(
	const struct host *host, struct elf *elf, const struct build_id *id, struct elf **ret)
{
	static const char *const places[] = {
		"%.*s/%.*s", "%.*s/.debug/%.*s", "/usr/lib/debug%.*s/%.*s"};
	struct link link;
	struct debugdir dir;

	if (!read_link(elf, &link))
		return false;
	for (const char *state = NULL; debugdirs_next(&state, &dir);) {
		if (open_link_in(host, &dir, id, &link, ret))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *path = xasprintf(
			places[i], link.directory_length, link.directory, link.length, link.name);

		if (open_if_meant(&(struct place){host, path, false, false}, id, &link, ret))
			return true;
	}
	return false;
}

/* --- in .gnu_debugdata: an ELF file of symbols, packed by xz --- */

static bool unpack(const struct elf_section *packed, struct str *out)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret result = lzma_stream_decoder(&stream, MEMORY_MOST, 0);
	size_t step = MIN(MAX(packed->size * 4, (size_t)4096), (size_t)UNPACKED_MOST);

	stream.next_in = packed->data;
	stream.avail_in = packed->size;
	while (result == LZMA_OK && out->length < UNPACKED_MOST) {
		stream.next_out = (uint8_t *)str_reserve(out, step);
		stream.avail_out = step;
		result = lzma_code(&stream, LZMA_FINISH);
		out->length += step - stream.avail_out;
	}
	lzma_end(&stream);
	return result == LZMA_STREAM_END;
}

static bool open_packed(struct elf *elf, struct elf **ret)
{
	_cleanup_str_ struct str data = STR_INIT;
	struct elf_section packed;

	if (!elf_section(elf, ".gnu_debugdata", &packed) || !packed.data || !unpack(&packed, &data))
		return false;

	size_t size = data.length;
	_cleanup_free_ char *image = str_take(&data);
	_cleanup_error_ struct error *error = elf_open_memory(elf_path(elf), image, size, ret);

	if (error)
		return false;
	image = NULL;
	return true;
}

/* --- from somewhere else --- */

static bool open_fetched(
	const struct host *host, struct elf *elf, const struct build_id *id, struct elf **ret)
{
	_cleanup_elf_ struct elf *found = NULL;
	bool is_file = elf_path(elf)[0] == '/';
	int fd = is_file && id->size ? host_debug_file(host, id->bytes, id->size) : -1;

	if (fd < 0)
		return false;

	_cleanup_error_ struct error *error = elf_open_fd(elf_path(elf), fd, &found);

	if (error || !elf_has_symbols(found) || !has_id(found, id))
		return false;
	*ret = TAKE(found);
	return true;
}

bool debugfile_open(const struct host *host, struct elf *elf, struct elf **ret)
{
	struct build_id id = build_id_read(elf);

	return open_by_id(host, &id, ret) || open_by_link(host, elf, &id, ret) ||
	       open_packed(elf, ret) || open_fetched(host, elf, &id, ret);
}

/* --- what several debug files share: .gnu_debugaltlink --- */

/* A name that is relative is so to the directory of the file that it stands in. */
static char *shared_path(struct elf *elf, const char *name)
{
	const char *slash = strrchr(elf_path(elf), '/');

	if (*name == '/' || !slash)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - elf_path(elf)), elf_path(elf), name);
}

bool debugfile_open_shared(const struct host *host, struct elf *elf, const char *name,
	const struct build_id *id, struct elf **ret)
{
	_cleanup_elf_ struct elf *found = NULL;
	_cleanup_free_ char *path = shared_path(elf, name);

	if (!open_any_by_id(host, id, &found) || !has_id(found, id)) {
		elf_close(TAKE(found));
		_cleanup_error_ struct error *error = elf_open(host, path, &found);

		if (error || !has_id(found, id))
			return false;
	}
	*ret = TAKE(found);
	return true;
}

struct error *debugfile_functions(
	const struct host *host, struct elf *elf, elf_visit visit, void *context)
{
	_cleanup_elf_ struct elf *debug = NULL;
	struct error *error = elf_functions(elf, visit, context);

	if (error || elf_has_symbols(elf) || !debugfile_open(host, elf, &debug))
		return error;
	return elf_functions(debug, visit, context);
}
