/** Made from the service's schemas by `npm run openapi`. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A checkout. Text is trimmed, blank counts as missing, unknown fields are dropped. The catalogue sets the prices. */
        CreateOrderRequest: {
            /**
             * Format: email
             * @description Where confirmation and invoice go. Stored in lower case.
             */
            customerEmail: string;
            /** @description 1 to 50 lines; the same product twice is merged. */
            items: {
                /** @description Product of the catalogue. */
                productId: string;
                /** @description A whole number from 1 to 99. */
                quantity: number;
            }[];
            /** @description Printed on the invoice. Give `street` or its alias `addressLine1`. */
            billingAddress: {
                fullName?: string | null;
                street?: string | null;
                /** @description Alias of `street`. */
                addressLine1?: string | null;
                addressLine2?: string | null;
                city: string;
                province?: string | null;
                /** @description Alias of `province`. */
                stateProvince?: string | null;
                /** @description Four digits in South Africa; elsewhere 3 to 14 letters, digits, blanks and hyphens. */
                postalCode: string;
                /**
                 * @description ISO 3166-1 alpha-2 in any case; ZA when missing.
                 * @default ZA
                 */
                country?: string | null;
                /** @description The buyer's VAT number; the law wants it on tax invoices over R5 000. */
                vatNumber?: string | null;
            };
            firstName?: string | null;
            lastName?: string | null;
            company?: string | null;
            /** @description E.164, or a South African local number. */
            primaryPhone?: string | null;
            notes?: string | null;
            purchaseOrderNumber?: string | null;
            /** @description Discount campaign, in any case; one per order. Refused when it is not running or has no product in the order. */
            campaignCode?: string | null;
            /** @description Where the customer came from; stored as it is. */
            attribution?: {
                campaignName?: string | null;
                source?: string | null;
                medium?: string | null;
            } | null;
            /**
             * @description In any case; payfast when missing.
             * @default payfast
             * @enum {string|null}
             */
            paymentMethod?: "payfast" | "card" | "eft" | "cash" | "manual" | null;
            /**
             * @description Rand only.
             * @default ZAR
             * @enum {string|null}
             */
            currency?: "ZAR" | null;
            /** @description Rand shown to the customer, with or without VAT. If sent and not today's price, the order is refused with PRICE_CHANGED. */
            totalAmount?: number | null;
        };
        /** @description At least one field. */
        UpdateOrderRequest: {
            /**
             * @description In any case; `PENDING_PAYMENT` reads as PAYMENT_PENDING. PAID is made by a payment confirmation only.
             * @enum {string}
             */
            status?: "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED";
            /** @description Goes with `status: CANCELLED`. */
            cancellationReason?: string | null;
            /** @description false removes the order from the customer's view; an unpaid order is cancelled by it. */
            active?: boolean;
            /** @description The version the change is based on; the same as `If-Match`. */
            version?: number;
        };
        PaymentConfirmationRequest: {
            /** @description The payment's own reference, printable ASCII. It belongs to one order for ever. */
            paymentReference: string;
            /**
             * @description In any case.
             * @enum {string}
             */
            paymentMethod: "payfast" | "card" | "eft" | "cash" | "manual";
            /** @description Rand; exactly the order's total. */
            paymentAmount: number;
            /** @description ISO 4217; exactly the order's currency. */
            paymentCurrency: string;
            /**
             * Format: date-time
             * @description When the customer paid; now when missing.
             */
            paidAt?: string | null;
            payfastPaymentId?: string | null;
            /** @description Rand the payment provider keeps; may be negative. */
            amountFee?: number | null;
            /** @description Rand the payment provider pays out. */
            amountNet?: number | null;
        };
        AcceptedOrder: {
            orderId: string;
            /** @constant */
            status: "PENDING";
            message: string;
            /** @constant */
            currency: "ZAR";
            /** @description Rand after discount, before VAT. */
            subtotal: number;
            discount: number;
            tax: number;
            /** @description Rand including VAT. */
            total: number;
            /** @description Signed link to the public status, good for 7 days; relative to the API. */
            statusUrl: string;
            _links: {
                self: {
                    href: string;
                };
                invoice: {
                    href: string;
                };
                status: {
                    href: string;
                };
            };
        };
        Order: {
            id: string;
            tenantId: string;
            /** @enum {string} */
            source: "api" | "guest";
            customerEmail: string;
            firstName?: string;
            lastName?: string;
            company?: string;
            primaryPhone?: string;
            notes?: string;
            purchaseOrderNumber?: string;
            items: {
                id: string;
                productId: string;
                productName: string;
                description?: string;
                quantity: number;
                /** @description Rand, before VAT. */
                unitPrice: number;
                discount: number;
                /** @description Rand of the line after discount, before VAT. */
                subtotal: number;
            }[];
            /** @description Rand after discount, before VAT. */
            subtotal: number;
            /** @description Rand taken off by the campaign. */
            discount: number;
            /** @description Rand of VAT. */
            tax: number;
            /** @description Rand including VAT. */
            total: number;
            /** @description Basis points: 1500 is 15 %. */
            taxRate: number;
            /** @constant */
            currency: "ZAR";
            campaign?: {
                code: string;
                name: string;
                description?: string;
                discountPercentage: number;
                productId: string;
                termsConditionsLink?: string;
                fromDate: string;
                toDate: string;
            };
            attribution?: {
                campaignName?: string;
                source?: string;
                medium?: string;
            };
            billingAddress: {
                fullName?: string;
                street: string;
                addressLine2?: string;
                city: string;
                province?: string;
                postalCode: string;
                country: string;
                vatNumber?: string;
            };
            /** @enum {string} */
            paymentMethod: "payfast" | "card" | "eft" | "cash" | "manual";
            /** @description `sub` of the caller, or `guest`. */
            createdBy: string;
            /** Format: date-time */
            dateCreated: string;
            orderNumber: string;
            /** @enum {string} */
            status: "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED";
            statusHistory: {
                /** @enum {string} */
                status: "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED";
                /** Format: date-time */
                at: string;
                by: string;
                reason?: string;
            }[];
            paymentDetails?: {
                paymentReference: string;
                method: string;
                amount: number;
                /** @constant */
                currency: "ZAR";
                /** Format: date-time */
                paidAt: string;
                payfastPaymentId?: string;
                amountFee?: number;
                amountNet?: number;
            };
            cancellationReason?: string;
            /** @description Documents that are stored and can be opened. */
            documents: {
                /** @enum {string} */
                type: "order" | "taxInvoice" | "creditNote";
                number: string;
                /** Format: date-time */
                issuedAt: string;
                href: string;
            }[];
            lastUpdatedBy: string;
            /** Format: date-time */
            dateLastUpdated: string;
            active: boolean;
            /** @description Optimistic lock: send it as `If-Match` or `version`. */
            version: number;
            /** @description Statuses the caller may move the order to now. */
            allowedStatuses: ("PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED")[];
            _links: {
                self: {
                    href: string;
                };
                invoice: {
                    href: string;
                };
            };
        };
        OrderSummary: {
            id: string;
            orderNumber: string;
            tenantId: string;
            customerEmail: string;
            /** @enum {string} */
            status: "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED";
            total: number;
            /** @constant */
            currency: "ZAR";
            itemsCount: number;
            /** Format: date-time */
            dateCreated: string;
            /** Format: date-time */
            dateLastUpdated: string;
            active: boolean;
        };
        OrderList: {
            items: components["schemas"]["OrderSummary"][];
            count: number;
            /** @description Token of the next page; null on the last. */
            startAt: string | null;
            /** @description True while a next page exists. */
            moreAvailable: boolean;
        };
        PublicStatus: {
            orderId: string;
            /** @description Null until the order is recorded. */
            orderNumber: string | null;
            /**
             * @description ACCEPTED: durable, not yet recorded.
             * @enum {string}
             */
            status: "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED" | "ACCEPTED";
        };
        InvoiceLocation: {
            /**
             * Format: uri
             * @description Presigned address of the PDF, good for ten minutes.
             */
            url: string;
            /** Format: date-time */
            expiresAt: string;
            /** @enum {string} */
            documentType: "order" | "taxInvoice" | "creditNote";
        };
        PaymentConfirmation: {
            id: string;
            orderNumber: string;
            /** @constant */
            status: "PAID";
            paymentReference: string;
            /** Format: date-time */
            paymentConfirmedAt: string;
            invoiceNumber: string;
            _links: {
                self: {
                    href: string;
                };
                invoice: {
                    href: string;
                };
            };
        };
        Health: {
            /** @constant */
            status: "ok";
            /** @constant */
            service: "bbws-order";
            version: string;
            stage: string;
        };
        /** @description Every refusal of the service. */
        Error: {
            /** @constant */
            success: false;
            /** @enum {string} */
            error: "VALIDATION_ERROR" | "INVALID_JSON" | "CAMPAIGN_INVALID" | "PRODUCT_NOT_FOUND" | "PRODUCT_NOT_ORDERABLE" | "MIN_ORDER_TOTAL" | "PAYMENT_AMOUNT_MISMATCH" | "INVALID_PAGINATION_TOKEN" | "INVALID_STATUS_TRANSITION" | "UNAUTHORIZED" | "FORBIDDEN" | "TENANT_ACCESS_DENIED" | "TENANT_CLAIM_MISSING" | "ACCOUNT_SUSPENDED" | "LINK_EXPIRED" | "ORDER_NOT_FOUND" | "INVOICE_NOT_READY" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "VERSION_CONFLICT" | "ORDER_ALREADY_PAID" | "PAYMENT_REFERENCE_USED" | "PRICE_CHANGED" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "IDEMPOTENCY_KEY_REUSED" | "RATE_LIMITED" | "INTERNAL_SERVER_ERROR" | "QUEUE_UNAVAILABLE" | "UPSTREAM_UNAVAILABLE" | "TRY_AGAIN";
            message: string;
            details?: {
                field: string;
                message: string;
            }[] | {
                [key: string]: unknown;
            };
            requestId: string;
        };
        /** @description A refusal of the gateway in front of the service. */
        GatewayError: {
            message: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
