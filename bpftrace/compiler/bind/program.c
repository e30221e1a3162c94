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
