class PaymentBusy(Exception):
    """The bank asks to come again."""


def handler(event, context):
    order, attempt = event["order"], event["attempt"]
    if attempt < order.get("bankBusyTimes", 0):
        raise PaymentBusy(f"The bank is busy, attempt {attempt}.")
    print(f"charged {event['total']} for {order['customer']}")
    return {"paymentId": f"payment-{event['orderId']}", "amount": event["total"]}
