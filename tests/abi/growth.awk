# growth.awk - whether a report of "abidiff --leaf-changes-only" tells of growth alone
#
# Allowed are new types, constants that no other has to make room for, and members behind
# what was the end of their struct.  Behind means behind its padding, too: the server tells
# by the size whether a module has a member, and padding holds whatever it holds.  A struct
# hd_member ends with a struct hd_value and grows with it.  What this list does not know is
# refused.

/^$/ || /^Leaf changes summary:/ || /^Changed leaf types summary:/ { next }
/^Removed\/Changed\/Added .* summary: 0 Removed, 0 Changed, / { next }
/^[0-9]+ Added variables?:$/ || /^  \[A\] / { next }
/^'(struct|enum) [a-z_]+' changed:$/ { end = inner = -1; is_enum = /^'enum/; next }
/^  type size changed from [0-9]+ to [0-9]+ \(in bits\)$/ { end = $5; next }
is_enum && /^  type size hasn't changed$/ { next }
/^  [0-9]+ (data member|enumerator) insertions?:$/ { next }
is_enum && /^    '[a-z_]+::HD_[A-Z_]+' value '[0-9]+'$/ { next }
/^    '.*', at offset [0-9]+ \(in bits\)$/ {
	offset = $0
	sub(/.*, at offset /, "", offset)
	if (end >= 0 && offset + 0 >= end) next
}
/^  there are data member changes:$/ || /^  details were reported earlier$/ { next }
/^    type 'struct hd_value' of 'hd_member::value' changed:$/ { inner = -1; next }
/^      type size changed from [0-9]+ to [0-9]+ \(in bits\)$/ { inner = $5; next }
/^      [0-9]+ data member insertions?:$/ { next }
/^        '.*', at offset [0-9]+ \(in bits\)$/ {
	offset = $0
	sub(/.*, at offset /, "", offset)
	if (inner >= 0 && offset + 0 >= inner) next
}
{ print "no growth: " $0; faults++ }
END { exit faults > 0 }
