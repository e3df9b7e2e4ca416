import time


class CannotShip(Exception):
    """There is nowhere to send it to."""


def handler(event, context):
    order = event["order"]
    time.sleep(order.get("packingSeconds", 0))
    if not order.get("address"):
        raise CannotShip("The order has no address.")
    return {"parcel": f"parcel-{event['orderId']}"}
