// ldap_liar.js - directories that begin well, and then do what no directory should
//
//	node ldap_liar.js FOLDER
//
// Each listens on a socket in the folder that is named after what it does.  All of them take
// whoever signs in; the rest is RFC 4511 by hand.
'use strict';
const net = require('net');
const path = require('path');

const SIGN_IN = 0x60, SIGNED_IN = 0x61, SEARCH = 0x63, ENTRY = 0x64, SEARCHED = 0x65;

// A value of BER, of at most 127 bytes.
const value = (tag, ...parts) => {
	const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
	return Buffer.concat([Buffer.from([tag, body.length]), body]);
};
const good = [value(0x0a, [0]), value(0x04), value(0x04)];
const message = (id, ...parts) => value(0x30, value(0x02, id), ...parts);
const entry = (id) => message(id, value(ENTRY, value(0x04, 'cn=half'), value(0x30)));
const page = (id) => message(id, value(SEARCHED, ...good), value(0xa0, value(0x30,
	value(0x04, '1.2.840.113556.1.4.319'),
	value(0x04, value(0x30, value(0x02, [0]), value(0x04, 'again'))))));

const ways = {
	silent: () => {},
	half: (socket, id) => socket.write(entry(id).subarray(0, 12)),
	garbage: (socket) => socket.write(Buffer.alloc(64, 0xff)),
	leaves: (socket) => socket.destroy(),
	// An entry that says it is long comes a byte now and then.
	drip: (socket, id) => {
		const bytes = Buffer.concat([Buffer.from([0x30, 0x7f]), value(0x02, id),
			Buffer.from([ENTRY, 0x7a]), Buffer.alloc(100, 0x20)]);
		let at = 0;
		const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 500);
		socket.on('close', () => clearInterval(timer));
	},
	// There is always one more page, and never anybody in it.
	endless: (socket, id) => socket.write(page(id)),
};

for (const [name, way] of Object.entries(ways))
	net.createServer((socket) => {
		socket.on('error', () => {});
		socket.on('data', (bytes) => {
			const at = 2 + (bytes[1] > 0x80 ? bytes[1] - 0x80 : 0);
			const id = bytes.subarray(at + 2, at + 2 + bytes[at + 1]);
			const asks = bytes[at + 2 + id.length];

			if (asks === SIGN_IN)
				socket.write(message(id, value(SIGNED_IN, ...good)));
			else if (asks === SEARCH)
				way(socket, id);
		});
	}).listen(path.join(process.argv[2], name));
