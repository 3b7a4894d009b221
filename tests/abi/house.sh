# house.sh - a server with one module more, and what it must answer; sourced by abi.sh

# A file that only root and the server's user can write, in a folder likewise.
place() { # FILE NAME
	rm -rf "$folder/site"
	mkdir -p "$folder/site"
	install -m 644 "$1" "$folder/site/$2.so"
	cat > "$folder/site/helpdesk.yaml" <<-END
	server: { listen: [ { address: "127.0.0.1:0" } ] }
	module_path: [ $folder/site, $build/modules ]
	sites:
	  - name: main
	    database: { path: main.db }
	    modules:
	      meta:
	      $2: { greeting: hi, sha256: $(sha256sum "$1" | cut -c 1-64) }
	END
}

helpdesk() {
	"$program" -c "$folder/site/helpdesk.yaml" "$@"
}

# The port that it chose is in its log, as soon as it listens.
serve() {
	key=$(helpdesk key create --name kept) || return 1
	: > "$folder/log"	# that of the server before is not this one's
	"$program" -c "$folder/site/helpdesk.yaml" serve 2>> "$folder/log" &
	server=$!
	for try in $(seq 100); do
		base=$(sed -n 's|^info: ready: \(http://.*\)|\1/api/v1|p' "$folder/log")
		[ -n "$base" ] && return 0
		sleep 0.1
	done
	cat "$folder/log"
	return 1
}

# Whether it ends as it should.
stop() {
	kill -TERM "$server"
	wait "$server"
	set -- $?
	server=
	return "$1"
}

# $method, if it is set, in place of GET or, with a body, POST.
ask() { # PATH [BODY]
	curl -sS -g -w ' %{http_code}' -H "X-API-Key: $key" -H 'X-Word: hey' \
	    ${method:+-X "$method"} \
	    ${2:+-H 'Content-Type: application/json' -d "$2"} "$base$1" |
	    sed 's/"20[0-9-]*T[0-9:.]*"/"NOW"/g'
}

# The status, and a part of the body; times are NOW.
is_answered() { # STATUS PART PATH [BODY]
	answer=$(ask "$3" "${4-}")
	echo "$answer"
	case $answer in *"$2"*" $1") ;; *) return 1 ;; esac
}

answers() { # WHAT STATUS PART PATH [BODY]
	what=$1
	shift
	expect "$module: $what" is_answered "$@"
}

# A module under $program, and all that it must answer.
use() { # NAME FILE WHICH
	place "$2" "$1"
	module="$1 of $3"
	expect "$module: the server takes it" helpdesk check
	expect "$module: the server starts" serve || return
	. "$abi/binaries/$1.sh"
	expect "$module: the server stops" stop
	expect "$module: its init has run" grep -F "main: $1: $1 starts" "$folder/log"
	expect "$module: its fini has run" grep -F "main: $1: $1 ends" "$folder/log"
}

is_taken() { # FILE NAME
	place "$1" "$2"
	helpdesk check
}

is_refused() { # FILE NAME SENTENCE
	! is_taken "$1" "$2" > "$folder/said" 2>&1 && grep -F -- "$3" "$folder/said" ||
	    ! cat "$folder/said"
}
