/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include "context.h"
#include "libcommon/probes/programs.h"
#include "libcommon/types/from_dwarf.h"

/* NULL when the unit's probes are of no program, or of one without debug information. */
static struct debuginfo *debuginfo_of(
	struct compilation *c, const struct unit *unit, uint64_t *ret_address)
{
	const struct probe_world world = context_world(c);
	const struct probe_match *match = unit ? unit->matches.items : NULL;
	struct debuginfo *info = NULL;

	if (!match || match->attach != ATTACH_UPROBE)
		return NULL;
	error_free(programs_find(&world, match, &info, ret_address));
	return info;
}

uint32_t program_type(
	struct compilation *c, const struct unit *unit, const char *keyword, const char *name)
{
	uint64_t address = 0;
	struct debuginfo *info = debuginfo_of(c, unit, &address);

	return info ? types_find_dwarf(c->types, info, address, keyword, name) : 0;
}

bool program_enumerator(struct compilation *c, const struct unit *unit, const char *name,
	bool anywhere, uint64_t *ret)
{
	uint64_t address = 0;
	struct debuginfo *info = debuginfo_of(c, unit, &address);

	return info && dwarf_enumerator(info, anywhere ? 0 : address, name, ret);
}

void program_suggest_type(struct compilation *c, const struct unit *unit, const char *keyword,
	struct suggestion *suggestion)
{
	uint64_t address = 0;
	struct debuginfo *info = debuginfo_of(c, unit, &address);

	if (info)
		types_suggest_dwarf(c->types, info, keyword, suggestion);
}

void program_suggest_enumerator(
	struct compilation *c, const struct unit *unit, struct suggestion *suggestion)
{
	uint64_t address = 0;
	struct debuginfo *info = debuginfo_of(c, unit, &address);

	if (info)
		dwarf_suggest_enumerator(c->types, info, suggestion);
}

const char *program_path(const struct unit *unit)
{
	const struct probe_match *match = unit ? unit->matches.items : NULL;

	return match && match->attach == ATTACH_UPROBE ? match->target : NULL;
}

bool program_has_debuginfo(struct compilation *c, const struct unit *unit)
{
	uint64_t address = 0;

	return debuginfo_of(c, unit, &address) != NULL;
}

const char *program_elsewhere(struct compilation *c, const char *keyword, const char *name)
{
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		if (program_type(c, *unit, keyword, name))
			return program_path(*unit);
	}
	return NULL;
}
