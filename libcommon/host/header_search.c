/* SPDX-License-Identifier: Apache-2.0 */
#include "header_search.h"

#include <ctype.h>
#include <string.h>

#include "arch.h"
#include "host.h"
#include "libcommon/base/attributes.h"

enum { SHORTEST_CONSTANT = 3 };

/* Below /usr/include, first those that scripts should name. */
static const char *const folders[] = {
	"linux/",
	"",
	"sys/",
	"net/",
	"netinet/",
	"arpa/",
	"scsi/",
	"rdma/",
	"asm/",
	"asm-generic/",
};

bool header_spells_constant(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return length >= SHORTEST_CONSTANT && !name[length] && !isdigit((unsigned char)*name);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_blanks_back(const char *text, const char *at)
{
	while (at > text && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at;
}

/* Behind "# define", at the start of a line. */
static bool is_defined(const char *text, const char *at)
{
	static const char word[] = "define";
	const char *end = skip_blanks_back(text, at);
	const char *hash;

	if (end == at || end - text < (ptrdiff_t)strlen(word) ||
		memcmp(end - strlen(word), word, strlen(word)) != 0)
		return false;
	hash = skip_blanks_back(text, end - strlen(word));
	return hash > text && hash[-1] == '#';
}

/* At the start of a line, or behind a brace or comma, and at its end or before =, a comma, or a
 * brace: an enumerator. */
static bool is_enumerator(const char *text, const char *at, const char *end)
{
	const char *start = skip_blanks_back(text, at);

	if (start > text && !strchr("\n{,", start[-1]))
		return false;
	end += strspn(end, " \t");
	return *end && (strchr(",\n}", *end) || (*end == '=' && end[1] != '='));
}

static bool defines(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at += length) {
		if ((at > text && is_word(at[-1])) || is_word(at[length]))
			continue;
		if (is_defined(text, at) || is_enumerator(text, at, at + length))
			return true;
	}
	return false;
}

static bool is_header(const char *file)
{
	size_t length = strlen(file);

	return length > 2 && strcmp(file + length - 2, ".h") == 0;
}

static const char *search_folder(const struct host *host, const char *top, const char *folder,
	const char *name, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s", top, folder);
	host_names files = {};
	const char **file, *found = NULL;

	error_free(host_read_dir(host, path, arena, &files));
	vec_for_each (&files, file) {
		_cleanup_str_ struct str text = STR_INIT;

		if (found || !is_header(*file))
			continue;
		error_free(host_read_file(host, arena_printf(arena, "%s%s", path, *file), &text));
		if (defines(str_text(&text), name))
			found = arena_printf(arena, "%s%s", folder, *file);
	}
	vec_deinit(&files);
	return found;
}

const char *header_search(const struct host *host, const char *name, struct arena *arena)
{
	const char *machine =
		arena_printf(arena, "/usr/include/%s-linux-gnu", host_arch(host)->name);

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		const char *found = search_folder(host, "/usr/include", folders[i], name, arena);

		if (!found)
			found = search_folder(host, machine, folders[i], name, arena);
		if (found)
			return found;
	}
	return NULL;
}
