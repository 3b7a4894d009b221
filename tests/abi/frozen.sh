# frozen.sh - what plugin.h declares for each target is what was kept; sourced by abi.sh

# What differs, and what to do.
is_frozen() { # HEADER TARGET KEPT
	declarations "$1" "$2" "$folder/text" || return 1
	diff -u --label "$3" --label "plugin.h, target $2" "$3" "$folder/text" && return
	if [ "$(define_of HD_ABI_MAJOR "$3")" -ge 1 ]; then
		echo "Target $2 is kept for ever.  What is new belongs to the next minor," \
		    "behind #if HD_ABI_TARGET; then: make abi-freeze"
	else
		echo "The major is 0, nothing is promised: if this is meant, make abi-freeze"
	fi
	return 1
}

is_laid_out() { # HEADER TARGET KEPT
	declarations "$1" "$2" "$folder/text" &&
	    layout "$1" "$2" "$folder/text" "$folder/abi" && same_layout "$3" "$folder/abi"
}

# The newest target of the header as it stands, against one that was kept.
is_grown() { # HEADER KEPT
	newest=$(define_of HD_ABI_MINOR "$1")
	declarations "$1" "$newest" "$folder/text" &&
	    layout "$1" "$newest" "$folder/text" "$folder/abi" &&
	    grown_layout "$2" "$folder/abi"
}

for target in $(seq 0 "$(define_of HD_ABI_MINOR $header)"); do
	kept=$abi/target-$target
	for file in "$kept.txt" "$kept.abi" "$abi/binaries/target_$target.so"; do
		expect "$file is there (if the target is new: make abi-freeze)" test -s "$file"
	done
	expect "target $target declares what it did" is_frozen $header "$target" "$kept.txt"
	if [ "$machine" = x86_64 ]; then
		expect "target $target is laid out as it was" is_laid_out $header "$target" \
		    "$kept.abi"
		expect "what came after target $target was added to it" is_grown $header \
		    "$kept.abi"
	else
		echo "skipped: $kept.abi is of x86_64, this machine is $machine"
	fi
done
