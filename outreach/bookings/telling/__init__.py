"""待通知清单: whom somebody must ring or write to, since no message of ours reaches them."""
