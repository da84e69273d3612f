// The part of the untyped `smpp` 0.5 library that we use: sessions, a server, PDUs, constants.
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  /** Text as the library decodes it; `udh` is a list of information elements (id, length, data). */
  export interface DecodedMessage {
    readonly udh?: readonly Buffer[];
    readonly message: string | Buffer;
  }

  export interface PduOptions {
    readonly [field: string]: string | number | Buffer | undefined;
  }

  export interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly system_id?: string;
    readonly password?: string;
    readonly message_id?: string;
    readonly source_addr?: string;
    readonly destination_addr?: string;
    readonly esm_class?: number;
    readonly data_coding?: number;
    readonly registered_delivery?: number;
    readonly short_message?: DecodedMessage;
    readonly message_payload?: DecodedMessage;
    readonly receipted_message_id?: string;
    readonly message_state?: number;
    readonly sar_msg_ref_num?: number;
    readonly sar_total_segments?: number;
    readonly sar_segment_seqnum?: number;
    isResponse(): boolean;
    response(options?: PduOptions): Pdu;
  }

  type Answer = (pdu: Pdu) => void;

  export class Session extends EventEmitter {
    readonly socket: Socket;
    send(pdu: Pdu, answer?: Answer): boolean;
    bind_transceiver(options: PduOptions, answer: Answer): boolean;
    submit_sm(options: PduOptions, answer: Answer): boolean;
    deliver_sm(options: PduOptions, answer: Answer): boolean;
    enquire_link(options: PduOptions, answer: Answer): boolean;
    unbind(options: PduOptions, answer: Answer): boolean;
    close(): void;
    destroy(): void;
  }

  interface Coding {
    match(text: string): boolean;
    encode(text: string): Buffer;
    decode(bytes: Buffer): string;
  }

  interface Library {
    connect(options: { readonly host: string; readonly port: number; readonly tls?: boolean }): Session;
    createServer(options: object, onSession: (session: Session) => void): NetServer;
    readonly encodings: { readonly ASCII: Coding; readonly UCS2: Coding };
    readonly errors: Readonly<Record<string, number>>;
  }

  const library: Library;
  export default library;
}
