/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libdw opens whatever path stands in a unit, a FIFO too, for which it would wait for ever. So each
 * file that it may open is opened here before.
 */
#include "split_unit.h"

#include <dwarf.h>
#include <errno.h>
#include <string.h>

#include "die.h"
#include "libcommon/base/alloc.h"

static bool is_skeleton(Dwarf_Die *unit)
{
	uint8_t type = 0;

	return dwarf_cu_info(unit->cu, NULL, &type, NULL, NULL, NULL, NULL, NULL) == 0 &&
	       type == DW_UT_skeleton;
}

/* Below the directory of the program, and below that of the compiler. */
static char *path_at(struct elf *elf, const char *directory, const char *name)
{
	const char *slash = strrchr(elf_path(elf), '/');
	int length = slash ? (int)(slash - elf_path(elf)) : 0;

	if (*name == '/')
		return xstrdup(name);
	if (directory && *directory == '/')
		return xasprintf("%s/%s", directory, name);
	return xasprintf("%.*s/%s%s%s", length, elf_path(elf), directory ? directory : "",
		directory ? "/" : "", name);
}

/* Whether libdw may open the path: nothing is there, or a file that is accepted. */
static bool is_harmless(const struct host *host, const char *path, split_unit_accepts accepts,
	void *context, bool *ret_exists)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_error_ struct error *error = elf_open(host, path, &elf);

	if (error)
		return error->number == ENOENT || error->number == ENOTDIR;
	*ret_exists = true;
	return accepts(elf, context);
}

bool split_unit_find(const struct host *host, struct elf *elf, Dwarf_Die *unit,
	split_unit_accepts accepts, void *context, Dwarf_Die *ret)
{
	const char *name, *directory = die_text(unit, DW_AT_comp_dir);
	Dwarf_Die found = {};
	bool exists = false;

	if (!host_is_live(host) || !is_skeleton(unit))
		return false;
	name = die_text(unit, DW_AT_dwo_name);
	if (!name)
		name = die_text(unit, DW_AT_GNU_dwo_name);
	if (!name)
		return false;

	_cleanup_free_ char *near = path_at(elf, NULL, name);
	_cleanup_free_ char *built = path_at(elf, directory, name);
	_cleanup_free_ char *package = xasprintf("%s.dwp", elf_path(elf));

	if (!is_harmless(host, near, accepts, context, &exists) ||
		!is_harmless(host, built, accepts, context, &exists) ||
		!is_harmless(host, package, accepts, context, &exists) || !exists ||
		dwarf_cu_info(unit->cu, NULL, NULL, NULL, &found, NULL, NULL, NULL) != 0 ||
		!found.addr)
		return false;
	*ret = found;
	return true;
}
