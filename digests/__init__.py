"""What a member reads: composing, rendering and sending digests."""
